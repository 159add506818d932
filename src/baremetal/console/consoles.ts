// Keeps a listener for every node whose console is switched on, again after this process has started anew.
import { sql } from 'kysely';
import type { Database, Transaction } from '../../database/index.ts';
import { errors } from '../errors.ts';
import { changeNode } from '../node/change.ts';
import { findNode, lockNode } from '../node/find.ts';
import type { Parts } from '../parts.ts';
import { type NodeRow, tables } from '../store.ts';
import { machineOf } from '../work/node-work.ts';
import { type ConsoleListener, listenForConsole } from './listener.ts';

export interface ConsoleConfig {
  /** Address to listen at, which clients are told. */
  readonly address: string;
  /** Ports for consoles of nodes that name none; both ends inclusive. */
  readonly firstPort: number;
  readonly lastPort: number;
  readonly idleMs: number;
}

export interface Consoles {
  /** Opens and closes listeners until they are those that the nodes want. */
  follow(): Promise<void>;
  /** Ends the client of a node's console: what comes next on that machine is not for it. */
  disconnect(uuid: string): void;
  close(): Promise<void>;
}

type ConsoleParts = Omit<Parts, 'consoles'>;

export function createConsoles(parts: ConsoleParts): Consoles {
  const listeners = new Map<string, ConsoleListener>();
  let following = Promise.resolve();

  async function open(node: NodeRow, port: number): Promise<void> {
    const { address: host, idleMs } = parts.config.console;
    try {
      const listener = await listenForConsole({
        host,
        port,
        idleMs,
        command: async () => machineOf(parts, await findNode(parts.database, node.uuid)).console.command(),
        failed: (error) => parts.log.warn(`The console of node ${node.uuid} failed`, error),
      });
      listeners.set(node.uuid, listener);
    } catch (error) {
      await giveUp(parts, node.uuid, error instanceof Error ? error.message : String(error));
    }
  }
  async function shut(uuid: string): Promise<void> {
    const listener = listeners.get(uuid);
    listeners.delete(uuid);
    await listener?.close();
  }
  async function align(): Promise<void> {
    const nodes = await tables(parts.database)
      .selectFrom('baremetal_nodes')
      .selectAll()
      .where('console_enabled', '=', true)
      .execute();
    const wanted = new Map(nodes.flatMap((node) => (consolePort(node) === null ? [] : [[node.uuid, node] as const])));
    for (const [uuid, { port }] of listeners) {
      const node = wanted.get(uuid);
      if (!node || consolePort(node) !== port) await shut(uuid);
    }
    for (const [uuid, node] of wanted) {
      const port = consolePort(node);
      if (port !== null && !listeners.has(uuid)) await open(node, port);
    }
  }
  return {
    follow() {
      const done = following.then(align);
      following = done.catch(() => undefined);
      return done;
    },
    disconnect: (uuid) => listeners.get(uuid)?.disconnect(),
    async close() {
      await following;
      await Promise.all([...listeners.keys()].map(shut));
    },
  };
}

/** A console that cannot be served is off, and its node says why. */
function giveUp(parts: ConsoleParts, uuid: string, why: string): Promise<unknown> {
  return parts.database.transaction().execute(async (tx) => {
    const node = await lockNode(tx, uuid);
    const error = `Failed to enable console. Error: ${why}`;
    await changeNode(parts, tx, node, { console_enabled: false, last_error: error });
  });
}

/** Where its console is served; null where it is not, as that of a machine without one of its own. */
export function consolePort(
  node: Pick<NodeRow, 'console_interface' | 'driver_info' | 'driver_internal_info'>,
): number | null {
  if (node.console_interface === 'fake') return null;
  const port = Number(node.driver_info.ipmi_terminal_port ?? node.driver_internal_info.allocated_ipmi_terminal_port);
  return Number.isInteger(port) && port > 0 ? port : null;
}

/** A port of the range that no other node has. Throws 400 when all are taken. */
export async function freeConsolePort({ config }: Pick<Parts, 'config'>, tx: Database | Transaction): Promise<number> {
  const { firstPort, lastPort } = config.console;
  const found = await sql<{ port: number }>`
    select port from generate_series(${firstPort}::integer, ${lastPort}::integer) port
    where not exists (
      select 1 from baremetal_nodes
      where port::text in (driver_info->>'ipmi_terminal_port', driver_internal_info->>'allocated_ipmi_terminal_port'))
    order by port limit 1`.execute(tx);
  const port = found.rows[0]?.port;
  if (port === undefined) throw errors.NoFreeConsolePort(firstPort, lastPort);
  return port;
}
