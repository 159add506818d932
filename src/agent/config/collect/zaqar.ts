// The `zaqar` source: each message of a queue is the machine's whole new metadata.
import { randomUUID } from 'node:crypto';
import { AgentError } from '../../errors.ts';
import { exchange } from '../../http.ts';
import { isObject, type Json, listOf, objectOf, parseObject } from '../../parse.ts';
import { credentialsOf, keystoneSession } from '../keystone.ts';
import { requiredSetting } from '../settings.ts';
import type { Source } from './source.ts';

/** Settings: auth_url, user_id, password, project_id, queue_id and maybe region_name. */
export function zaqarSource(settings: () => Json): Source {
  const client = randomUUID();
  return {
    name: 'zaqar',
    holdsOpen: false,
    async collect(signal) {
      const own = settings();
      const need = (key: string) => requiredSetting(own, 'zaqar', key);
      const session = await keystoneSession(credentialsOf(own, 'zaqar'));
      const url = `${session.endpoint('messaging')}/v2/queues/${need('queue_id')}/messages?pop=1`;
      const headers = { 'x-auth-token': session.token, 'client-id': client, accept: 'application/json' };
      const reply = await exchange(url, { method: 'DELETE', signal, headers });
      if (reply.status === 204) return 'unchanged';
      if (reply.status !== 200) throw new AgentError('refused', `${url}: HTTP ${reply.status}`);
      const [message] = listOf(parseObject(reply.body, url), 'messages');
      return (isObject(message) ? objectOf(message, 'body') : undefined) ?? 'unchanged';
    },
  };
}
