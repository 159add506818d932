// Results of resources that come while a round over their stack runs.
import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, expect, test } from 'vitest';
import { testDatabase } from '../../database/testing/index.ts';
import type { Operation } from '../../operations/index.ts';
import { lockRoot, stackTables } from '../stack/store.ts';
import { record } from './record.ts';

const { database, drop } = await testDatabase();
afterAll(drop);

test('a result that comes while a round runs waits for its end and asks for the next one', async () => {
  const rootId = randomUUID();
  const applyId = randomUUID();
  const operation: Operation = {
    id: randomUUID(),
    kind: 'stack.resource',
    target: `stack:${rootId}/late`,
    projectId: 'p',
    requestedBy: 'admin',
    requestId: null,
    parentId: null,
    state: 'running',
    input: null,
    result: null,
    reason: null,
    progress: null,
    deadlineAt: null,
    failure: null,
    epoch: 1,
    createdAt: new Date(),
    startedAt: null,
    updatedAt: new Date(),
    finishedAt: null,
  };
  // Another result has stirred the stack already; the round that answers it is about to begin.
  await sql`insert into stacks (id, root_id, name, project_id, owner_id, owner_name, action, status, operation_id, stirred)
    values (${rootId}, ${rootId}, 'busy', 'p', 'u', 'admin', 'CREATE', 'IN_PROGRESS', ${applyId}, true)`.execute(
    database,
  );
  await sql`insert into stack_vertices (root_id, path, action, state, operation_id)
    values (${rootId}, 'late', 'converge', 'running', ${operation.id})`.execute(database);
  const work = { rootId, applyId, resourceId: randomUUID(), path: 'late', action: 'create' } as const;
  const order: string[] = [];
  let late: Promise<boolean> | undefined;
  await database.transaction().execute(async (round) => {
    await lockRoot(round, rootId);
    late = database.transaction().execute(async (tx) => {
      const wakes = await record(tx, operation, work, { state: 'done', result: null });
      order.push('result');
      return wakes;
    });
    const waiting = sql`select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
    await expect.poll(async () => (await waiting.execute(database)).rows.length).toBe(1);
    await stackTables(round).updateTable('stacks').set({ stirred: false }).where('id', '=', rootId).execute();
    order.push('round');
  });
  expect(await late).toBe(true);
  expect(order).toEqual(['round', 'result']);
});
