// Sends a deployment's result to where the deployment asks for it.
import { randomUUID } from 'node:crypto';
import { asAgentError } from '../../errors.ts';
import { exchange, type Reply } from '../../http.ts';
import { isObject, type Json, listOf } from '../../parse.ts';
import { keystoneSession } from '../keystone.ts';
import { inputText } from './deployment.ts';

/** `gone` means that nobody waits for this result any more. */
export type Delivery = 'acknowledged' | 'gone' | { readonly failed: string };

/** Bodies beyond this are refused by Heat; output is cut from its start. */
const largestSignal = 950_000;

/** Sends once; what failed may be tried again. Transports: URL (CFN_SIGNAL, TEMP_URL_SIGNAL), HEAT_SIGNAL and ZAQAR_SIGNAL. */
export async function sendSignal(entry: Json, result: Json): Promise<Delivery> {
  const inputs = new Map<string, string>();
  for (const input of listOf(entry, 'inputs')) {
    if (isObject(input) && typeof input.name === 'string') inputs.set(input.name, inputText(input.value));
  }
  const get = (name: string) => inputs.get(name) ?? '';
  try {
    if (get('deploy_signal_id') !== '') {
      const method = get('deploy_signal_verb') === 'PUT' ? 'PUT' : 'POST';
      return judge(await exchange(get('deploy_signal_id'), { method, body: trimmed(result), headers: json }));
    }
    if (get('deploy_auth_url') === '') return 'gone';
    const session = await keystoneSession({
      authUrl: get('deploy_auth_url'),
      userId: get('deploy_user_id'),
      password: get('deploy_password'),
      projectId: get('deploy_project_id'),
      region: get('deploy_region_name'),
    });
    const headers = { ...json, 'x-auth-token': session.token };
    if (get('deploy_queue_id') !== '') {
      const url = `${session.endpoint('messaging')}/v2/queues/${get('deploy_queue_id')}/messages`;
      const body = JSON.stringify({ messages: [{ body: result, ttl: 600 }] });
      return judge(await exchange(url, { method: 'POST', body, headers: { ...headers, 'client-id': randomUUID() } }));
    }
    const stack = get('deploy_stack_id');
    const url = `${session.endpoint('orchestration')}/stacks/${stack}/resources/${get('deploy_resource_name')}/signal`;
    return judge(await exchange(url, { method: 'POST', body: trimmed(result), headers }));
  } catch (thrown) {
    return { failed: asAgentError(thrown).message };
  }
}

const json = { 'content-type': 'application/json' };

function judge(reply: Reply): Delivery {
  if (reply.status >= 200 && reply.status < 300) return 'acknowledged';
  // The stack or the resource is no longer there, or takes no more signals.
  if ([403, 404, 410].includes(reply.status)) return 'gone';
  return { failed: `HTTP ${reply.status} ${reply.body.slice(0, 200)}` };
}

function trimmed(result: Json): string {
  const body = JSON.stringify(result);
  const excess = body.length - largestSignal;
  if (excess <= 0) return body;
  const streams = ['deploy_stdout', 'deploy_stderr'] as const;
  const cut = streams.map((name) => {
    const text = inputText(result[name]);
    return [name, text.slice(Math.ceil((JSON.stringify(text).length / body.length) * excess))] as const;
  });
  return JSON.stringify({ ...result, ...Object.fromEntries(cut) });
}
