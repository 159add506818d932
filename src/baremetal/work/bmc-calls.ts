// Keeps what an operation says to its node's BMC, for whoever asks later what went wrong.
import { sql } from 'kysely';
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

function createRecord(parts: Pick<Parts, 'database' | 'log'>, node: string, operation: string) {
  let fresh: KeptExchange[] = [];
  let timer: NodeJS.Timeout | undefined;
  let writing = Promise.resolve();

  /** The record is for people: an operation goes on without it. */
  function write(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    const added = fresh;
    fresh = [];
    if (added.length === 0) return writing;
    writing = writing
      .then(() => append(parts, node, operation, added))
      .catch((error: unknown) => parts.log.warn(`What was said to the BMC of node ${node} could not be kept`, error));
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

async function append(
  { database }: Pick<Parts, 'database'>,
  node: string,
  operation: string,
  added: readonly KeptExchange[],
): Promise<void> {
  await database.transaction().execute(async (tx) => {
    const table = tables(tx);
    const before = await table
      .selectFrom('baremetal_bmc_calls')
      .select(['exchanges', 'omitted'])
      .where('node_uuid', '=', node)
      .where('operation_id', '=', operation)
      .forUpdate()
      .executeTakeFirst();
    const all = joined(before?.exchanges ?? [], added);
    const exchanges = JSON.stringify(all.slice(-keptExchanges));
    const omitted = (before?.omitted ?? 0) + Math.max(0, all.length - keptExchanges);
    await table
      .insertInto('baremetal_bmc_calls')
      .columns(['node_uuid', 'operation_id', 'exchanges', 'omitted'])
      // A node that is forgotten in the meantime takes its record with it.
      .expression((from) =>
        from
          .selectFrom('baremetal_nodes')
          .select([
            'uuid',
            sql`${operation}`.as('operation'),
            sql`${exchanges}::jsonb`.as('exchanges'),
            sql`${omitted}::integer`.as('omitted'),
          ])
          .where('uuid', '=', node),
      )
      .onConflict((conflict) =>
        conflict
          .columns(['node_uuid', 'operation_id'])
          .doUpdateSet({ exchanges: sql`excluded.exchanges`, omitted, updated_at: sql`now()` }),
      )
      .execute();
    if (before) return;
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
  });
}
