// The two calls that the deploy agent makes to the server: who am I, and I am alive.
import { AgentError } from '../errors.ts';
import { type Call, open, type Peer, postJson } from '../http.ts';
import { numberOf, objectOf, parseObject, requiredText, textOf } from '../parse.ts';
import type { HeartbeatRequest } from '../protocol.ts';

/** The Ironic microversion that knows every member of our heartbeat (agent_status came with 1.72). */
const apiHeaders = { 'x-openstack-ironic-api-version': '1.72', accept: 'application/json' };

/** The server's API as this agent reaches it. */
export interface ServerApi {
  /** Base of the API, without a trailing slash. */
  readonly url: string;
  readonly peer: Peer;
  /** Cuts off the calls that are under way. */
  readonly signal?: AbortSignal;
}

export interface Identity {
  readonly nodeUuid: string;
  readonly heartbeatTimeoutMs: number;
  readonly token: string | undefined;
  /** The address of this machine on the way to the server. */
  readonly localAddress: string;
}

/** What every call to the server takes along. */
function callTo({ peer, signal }: ServerApi): Call {
  return { headers: apiHeaders, peer, ...(signal ? { signal } : {}) };
}

/** Asks which node this machine is. Throws AgentError `unreachable`, `refused` (unknown or locked node) or `malformed`. */
export async function lookup(api: ServerApi, macs: readonly string[], nodeUuid: string | undefined): Promise<Identity> {
  const query = new URLSearchParams({ addresses: macs.join(','), ...(nodeUuid ? { node_uuid: nodeUuid } : {}) });
  const response = await open(`${api.url}/v1/lookup?${query}`, callTo(api));
  const localAddress = response.socket.localAddress ?? '127.0.0.1';
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(Buffer.from(chunk));
  const body = Buffer.concat(chunks).toString();
  if (response.statusCode !== 200) {
    throw new AgentError('refused', `lookup: HTTP ${response.statusCode}`, { details: body.slice(0, 500) });
  }
  const message = parseObject(body, 'the lookup answer');
  const config = objectOf(message, 'config') ?? {};
  // A server that has given its token away hides it behind asterisks: then it is not news.
  const token = textOf(config, 'agent_token');
  return {
    nodeUuid: requiredText(objectOf(message, 'node') ?? {}, 'uuid', 'the lookup answer'),
    heartbeatTimeoutMs: (numberOf(config, 'heartbeat_timeout') ?? 300) * 1000,
    token: token === undefined || /^\**$/.test(token) ? undefined : token,
    localAddress,
  };
}

/** Tells the server where this agent listens. Throws AgentError `unreachable`, or `refused` with the status in its message. */
export async function heartbeat(api: ServerApi, nodeUuid: string, message: HeartbeatRequest): Promise<void> {
  const reply = await postJson(`${api.url}/v1/heartbeat/${nodeUuid}`, message, callTo(api));
  if (reply.status >= 300) {
    throw new AgentError('refused', `heartbeat: HTTP ${reply.status}`, { details: reply.body.slice(0, 500) });
  }
}
