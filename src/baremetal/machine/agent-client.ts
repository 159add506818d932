// Talks to the agent in a machine's ramdisk: ironic-python-agent's commands.
import { EventEmitter } from 'node:events';
import type { Command } from '../../agent/index.ts';
import { commandList, command as commandSchema, protocolOf } from '../../agent/index.ts';
import { violation } from '../../openstack/index.ts';
import { OperationFailed } from '../../operations/index.ts';
import type { Parts } from '../parts.ts';
import { tables } from '../store.ts';
import { exchange } from './exchange.ts';

export interface AgentClient {
  readonly callbackUrl: string;
  /** Not of ours: an ironic-python-agent. */
  readonly stock: boolean;
  commands(): Promise<readonly Command[]>;
  /** Starts a command and returns at once; `wait` returns when it has ended (short commands only). */
  send(name: string, params: Readonly<Record<string, unknown>>, options?: { wait?: boolean }): Promise<Command>;
}

/** Why a command failed, in the agent's own words; empty when it gives none. */
export function reasonOf({ command_error: error }: Command): string {
  const words = [error?.message, error?.details, error?.error].filter((text) => text !== undefined && text !== '');
  return [...new Set(words)].join(' ');
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
  const certificate = row.verify_ca;
  const token: Record<string, string> =
    row.token === null ? {} : { agent_token: String(parts.sealer.open(row.token, uuid)) };

  async function call(method: 'GET' | 'POST', path: string, body: unknown, timeoutMs: number): Promise<unknown> {
    const { status, text } = await exchange(`${callbackUrl}${path}`, {
      method,
      body,
      timeoutMs,
      certificate,
    }).catch((cause: unknown) => {
      throw new AgentSilent(
        `The agent at ${callbackUrl} does not answer: ${cause instanceof Error ? cause.message : String(cause)}`,
        { cause },
      );
    });
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
      // Newer stock agents show what was done only to the holder of the token.
      const answer = await call('GET', `/v1/commands/?${new URLSearchParams(token)}`, undefined, answerTimeoutMs);
      return parse<{ commands: Command[] }>(commandList, answer).commands;
    },
    async send(name, params, { wait = false } = {}) {
      const query = new URLSearchParams({ wait: String(wait), ...token });
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
