// Talks to the agent in a machine's ramdisk: ironic-python-agent's commands.
import { X509Certificate } from 'node:crypto';
import { EventEmitter } from 'node:events';
import type { PeerCertificate } from 'node:tls';
import { Agent, type Dispatcher, request } from 'undici';
import type { Command } from '../../agent/index.ts';
import { commandList, command as commandSchema, protocolOf } from '../../agent/index.ts';
import { violation } from '../../openstack/index.ts';
import { OperationFailed } from '../../operations/index.ts';
import type { Parts } from '../parts.ts';
import { tables } from '../store.ts';

export interface AgentClient {
  readonly callbackUrl: string;
  /** Not of ours: an ironic-python-agent. */
  readonly stock: boolean;
  commands(): Promise<readonly Command[]>;
  /** Starts a command and returns at once; `wait` returns when it has ended (short commands only). */
  send(name: string, params: Readonly<Record<string, unknown>>, options?: { wait?: boolean }): Promise<Command>;
}

/** The agent does not answer; it may be rebooting, or the network is gone. */
export class AgentSilent extends Error {
  override name = 'AgentSilent';
}

const answerTimeoutMs = 20_000;
const waitTimeoutMs = 120_000;

/** The agent that last called from this node. Throws OperationFailed when none has. */
export async function agentOf(parts: Parts, uuid: string): Promise<AgentClient> {
  const row = await tables(parts.database)
    .selectFrom('baremetal_agents')
    .selectAll()
    .where('node_uuid', '=', uuid)
    .executeTakeFirst();
  if (!row?.callback_url) {
    throw new OperationFailed(
      `No ramdisk runs on node ${uuid}.`,
      'Ask for the same again: the machine is then started anew.',
    );
  }
  const callbackUrl = row.callback_url.replace(/\/$/, '');
  const dispatcher = pinnedTo(row.verify_ca);
  const token = row.token === null ? '' : String(parts.sealer.open(row.token, uuid));

  async function call(method: 'GET' | 'POST', path: string, body: unknown, timeoutMs: number): Promise<unknown> {
    let status: number;
    let text: string;
    try {
      // A fresh connection each: the machine may have rebooted since the last.
      const answer = await request(`${callbackUrl}${path}`, {
        method,
        reset: true,
        ...(dispatcher ? { dispatcher } : {}),
        headersTimeout: timeoutMs,
        bodyTimeout: timeoutMs,
        ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
      });
      status = answer.statusCode;
      text = await answer.body.text();
    } catch (cause) {
      throw new AgentSilent(
        `The agent at ${callbackUrl} does not answer: ${cause instanceof Error ? cause.message : String(cause)}`,
        { cause },
      );
    }
    if (status >= 400) {
      throw new OperationFailed(
        `The agent at ${callbackUrl} answered ${status}: ${text.slice(0, 500)}`,
        "Read the agent's log on the console of the machine.",
      );
    }
    return JSON.parse(text);
  }

  return {
    callbackUrl,
    // An agent that tells no version is as old as the first heartbeats were.
    stock: row.agent_version === null || protocolOf(row.agent_version) === undefined,
    async commands() {
      const answer = await call('GET', '/v1/commands/', undefined, answerTimeoutMs);
      return parse<{ commands: Command[] }>(commandList, answer).commands;
    },
    async send(name, params, { wait = false } = {}) {
      const query = new URLSearchParams({ wait: String(wait), ...(token === '' ? {} : { agent_token: token }) });
      const answer = await call(
        'POST',
        `/v1/commands/?${query}`,
        { name, params },
        wait ? waitTimeoutMs : answerTimeoutMs,
      );
      return parse<Command>(commandSchema, answer);
    },
  };
}

/** Agents called lately, the longest unused first; each keeps the TLS sessions that its next call resumes. */
const pinned = new Map<string, Dispatcher>();
const mostPinned = 1_000;

/** Connects to the holder of this very certificate, whatever its address; sessions are resumed from one call to the next. */
function pinnedTo(certificate: string | null): Dispatcher | undefined {
  if (certificate === null) return undefined;
  const known = pinned.get(certificate) ?? pinningAgent(certificate);
  pinned.delete(certificate);
  pinned.set(certificate, known);
  const [oldest] = pinned.keys();
  if (pinned.size > mostPinned && oldest !== undefined) pinned.delete(oldest);
  return known;
}

function pinningAgent(certificate: string): Dispatcher {
  const { raw } = new X509Certificate(certificate);
  const checkServerIdentity = (_host: string, shown: PeerCertificate) =>
    shown.raw.equals(raw) ? undefined : new Error('it shows another certificate than its first heartbeat named');
  return new Agent({ connect: { ca: certificate, checkServerIdentity } });
}

function parse<Message>(schema: typeof commandSchema | typeof commandList, value: unknown): Message {
  const fault = violation(schema, value, 'body');
  if (fault)
    throw new OperationFailed(
      `The agent sent what cannot be read: ${fault.pointer} ${fault.message}`,
      'Use a ramdisk of this release.',
    );
  // The schema that was just checked is the declaration of Message.
  return value as Message;
}

/** Heartbeats, as they come in to this process: they only make a poll come sooner. */
export const heartbeats = new EventEmitter().setMaxListeners(0);

/** Resolves at the node's next heartbeat in this process, or after `ms`. */
export function nextHeartbeat(uuid: string, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      heartbeats.off(uuid, end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    heartbeats.once(uuid, end);
  });
}
