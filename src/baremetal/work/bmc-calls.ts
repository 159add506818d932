// Keeps what an operation says to its node's BMC, for whoever asks later what went wrong.
import { sql } from 'kysely';
import type { Database } from '../../database/index.ts';
import { type BmcExchange, overhear } from '../../hardware/index.ts';
import type { OperationKind } from '../../operations/index.ts';
import type { Parts } from '../parts.ts';
import { type KeptExchange, tables } from '../store.ts';
import { textInput } from './input.ts';

type Handler = OperationKind['handler'];

/** So many exchanges of an operation are kept, its latest; and so many operations of a node. */
const keptExchanges = 200;
const keptOperations = 20;
/** An operation writes its exchanges at its end and, while it goes on, this long after the first that is not written. */
const writeAfterMs = 2_000;

interface Kept {
  readonly exchanges: readonly KeptExchange[];
  /** How many before them are not kept. */
  readonly omitted: number;
}

/** The handler, which in addition keeps what is said to the BMC while it runs. */
export function keepingBmcCalls(parts: Pick<Parts, 'database' | 'log'>, handler: Handler): Handler {
  return async (context, input) => {
    const record = createRecord(parts, textInput(input, 'node'), context.operation.id);
    try {
      return await overhear(record.add, () => handler(context, input));
    } finally {
      await record.write();
    }
  };
}

function createRecord({ database, log }: Pick<Parts, 'database' | 'log'>, node: string, operation: string) {
  let fresh: KeptExchange[] = [];
  let timer: NodeJS.Timeout | undefined;
  let writing = Promise.resolve();
  /** What the table has of the operation, this run's and that of runs before it; undefined until it was read. */
  let kept: Kept | undefined;

  async function append(added: readonly KeptExchange[]): Promise<void> {
    const before = kept ?? (await keptBefore(database, node, operation));
    const all = joined(before.exchanges, added);
    const omitted = before.omitted + Math.max(0, all.length - keptExchanges);
    const now = { exchanges: all.slice(-keptExchanges), omitted };
    await keep(database, node, operation, now);
    if (!kept) await dropOldest(database, node);
    kept = now;
  }
  /** The record is for people: an operation goes on without it. */
  function write(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    const added = fresh;
    fresh = [];
    if (added.length === 0) return writing;
    writing = writing
      .then(() => append(added))
      .catch((error: unknown) => log.warn(`What was said to the BMC of node ${node} could not be kept`, error));
    return writing;
  }
  return {
    add(exchange: BmcExchange): void {
      const { at, durationMs, ...rest } = exchange;
      fresh = joined(fresh, [{ at: at.toISOString(), duration_ms: durationMs, times: 1, ...rest }]);
      timer ??= setTimeout(write, writeAfterMs).unref();
    },
    write,
  };
}

/** Looking at the same thing again and again is one exchange with a count. */
export function joined(before: readonly KeptExchange[], added: readonly KeptExchange[]): KeptExchange[] {
  const all = [...before];
  for (const next of added) {
    const last = all.at(-1);
    if (last && (['method', 'path', 'status', 'said'] as const).every((name) => last[name] === next[name])) {
      const durationMs = Math.max(last.duration_ms, next.duration_ms);
      all[all.length - 1] = { ...last, duration_ms: durationMs, times: last.times + next.times };
    } else {
      all.push(next);
    }
  }
  return all;
}

async function keptBefore(database: Database, node: string, operation: string): Promise<Kept> {
  const row = await tables(database)
    .selectFrom('baremetal_bmc_calls')
    .select(['exchanges', 'omitted'])
    .where('node_uuid', '=', node)
    .where('operation_id', '=', operation)
    .executeTakeFirst();
  return row ?? { exchanges: [], omitted: 0 };
}

/** A node that is forgotten in the meantime takes its record with it. */
async function keep(database: Database, node: string, operation: string, { exchanges, omitted }: Kept): Promise<void> {
  await sql`
    insert into baremetal_bmc_calls (node_uuid, operation_id, exchanges, omitted)
    select uuid, ${operation}, ${JSON.stringify(exchanges)}::jsonb, ${omitted}::integer
    from baremetal_nodes where uuid = ${node}
    on conflict (node_uuid, operation_id)
    do update set exchanges = excluded.exchanges, omitted = excluded.omitted, updated_at = now()`.execute(database);
}

async function dropOldest(database: Database, node: string): Promise<void> {
  const table = tables(database);
  await table
    .deleteFrom('baremetal_bmc_calls')
    .where('node_uuid', '=', node)
    .where(
      'operation_id',
      'in',
      table
        .selectFrom('baremetal_bmc_calls')
        .select('operation_id')
        .where('node_uuid', '=', node)
        .orderBy('updated_at', 'desc')
        .offset(keptOperations),
    )
    .execute();
}
