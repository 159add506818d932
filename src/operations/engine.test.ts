// What the engine promises about order, outcomes, waits, deadlines and takeover.
import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testDatabase } from '../database/testing/index.ts';
import { createOperations } from './engine.ts';
import { type Json, OperationFailed, OperationParked, type Outcome } from './operation.ts';

const { database, url, drop } = await testDatabase();
const operations = createOperations({ database, url });
const settled: { id: string; outcome: Outcome }[] = [];
const log: string[] = [];
let broken = true;

operations.define('note', {
  deadlineMs: 60_000,
  handler: async (context, input) => {
    await context.step('write it down', async () => void log.push(String(input)));
    return input;
  },
  settle: async (_tx, operation, outcome) => void settled.push({ id: operation.id, outcome }),
});
operations.define('ask', {
  deadlineMs: 60_000,
  handler: async (context) => {
    const answer = await context.waitFor<string>('answer', { reason: 'waiting for an answer', timeoutMs: 20_000 });
    return answer ?? 'nobody answered';
  },
});
operations.define('fragile', {
  deadlineMs: 60_000,
  handler: async (context) => {
    await context.step('touch it', async () => {
      if (broken) throw new OperationParked('the BMC does not answer', 'Check its power and network.');
    });
    return 'mended';
  },
});
operations.define('doomed', {
  deadlineMs: 60_000,
  handler: async (context) => {
    await context.step('try', async () => {
      throw new OperationFailed('the disk is too small', 'Choose a larger machine.');
    });
    return null;
  },
});
operations.define('parent', {
  deadlineMs: 60_000,
  handler: async (context) => {
    const id = await context.step('name the child', async () => randomUUID());
    const end = await context.child({
      kind: 'note',
      target: context.operation.target,
      input: 'from the child',
      id,
      reason: 'waiting for the note',
    });
    return { child: end.state };
  },
});

const begin = (kind: string, target: string, input: Json = null, more: { deadlineMs?: number } = {}) =>
  database.transaction().execute((tx) => operations.start(tx, { kind, target, input, requestedBy: 'test', ...more }));
const finish = (id: string) => operations.wait(id, { timeoutMs: 20_000 });

beforeAll(() => operations.launch());
afterAll(async () => {
  await operations.shutdown();
  await drop();
});

test('runs operations on one target one after another, in the order they were started', async () => {
  const ids: string[] = [];
  for (const word of ['one', 'two', 'three']) ids.push(await begin('note', 'thing:1', word));
  const ends = await Promise.all(ids.map(finish));
  expect(ends.map((end) => [end?.state, end?.result])).toEqual([
    ['done', 'one'],
    ['done', 'two'],
    ['done', 'three'],
  ]);
  expect(log.slice(0, 3)).toEqual(['one', 'two', 'three']);
  expect(settled.filter(({ id }) => ids.includes(id))).toHaveLength(3);
});

test('starts nothing for a transaction that is rolled back', async () => {
  await expect(
    database.transaction().execute(async (tx) => {
      await operations.start(tx, { kind: 'note', target: 'thing:2', input: 'never', requestedBy: 'test' });
      throw new Error('changed my mind');
    }),
  ).rejects.toThrow('changed my mind');
  await finish(await begin('note', 'thing:2', 'after'));
  expect(log).not.toContain('never');
});

test('wakes a waiting operation with a message', async () => {
  const id = await begin('ask', 'thing:3');
  await untilState(id, 'waiting');
  expect((await operations.get(id))?.reason).toBe('waiting for an answer');
  await operations.send(id, 'answer', '42');
  expect((await finish(id))?.result).toBe('42');
});

test('keeps cause and hint of a failure', async () => {
  const end = await finish(await begin('doomed', 'thing:4'));
  expect(end).toMatchObject({
    state: 'failed',
    failure: { cause: 'the disk is too small', hint: 'Choose a larger machine.' },
  });
});

test('parks with a reason and goes on when resumed, under the next epoch', async () => {
  const id = await begin('fragile', 'thing:5');
  expect(await finish(id)).toMatchObject({ state: 'parked', epoch: 1, failure: { cause: 'the BMC does not answer' } });
  broken = false;
  await operations.resume(id);
  expect(await finish(id)).toMatchObject({ state: 'done', epoch: 2, result: 'mended', failure: null });
});

test('gives up what was parked when the same work on the same target begins anew', async () => {
  broken = true;
  const parked = await begin('fragile', 'thing:10');
  expect((await finish(parked))?.state).toBe('parked');
  broken = false;
  expect((await finish(await begin('fragile', 'thing:10')))?.state).toBe('done');
  expect(await operations.get(parked)).toMatchObject({
    state: 'cancelled',
    failure: { cause: 'the BMC does not answer' },
  });
});

test('ends a wait at the deadline of the operation and says what it waited for', async () => {
  const end = await finish(await begin('ask', 'thing:6', null, { deadlineMs: 700 }));
  expect(end?.state).toBe('failed');
  expect(end?.failure?.cause).toBe('its deadline passed at: waiting for an answer');
});

test('cancels a waiting operation and lets the next on its target begin', async () => {
  const id = await begin('ask', 'thing:7');
  const next = await begin('note', 'thing:7', 'next');
  await untilState(id, 'waiting');
  await operations.cancel(id, 'not needed any more');
  expect(await finish(id)).toMatchObject({ state: 'cancelled', failure: { cause: 'not needed any more' } });
  expect((await finish(next))?.state).toBe('done');
});

test('lets a child run on the target of its parent', async () => {
  expect((await finish(await begin('parent', 'thing:8')))?.result).toEqual({ child: 'done' });
});

test('takes over what a dead process has left behind', async () => {
  const dead = randomUUID();
  await sql`insert into executors (id, hostname, pid, heartbeat_at) values (${dead}, 'elsewhere', 1, now() - interval '1 hour')`.execute(
    database,
  );
  const id = randomUUID();
  await sql`insert into operations (id, kind, target, requested_by, state, input, executor_id, deadline_at)
    values (${id}, 'note', 'thing:9', 'test', 'running', '"inherited"', ${dead}, now() + interval '1 minute')`.execute(
    database,
  );
  expect((await finish(id))?.state).toBe('done');
  expect(log.filter((word) => word === 'inherited')).toHaveLength(1);
});

async function untilState(id: string, state: string): Promise<void> {
  await expect.poll(async () => (await operations.get(id))?.state, { timeout: 10_000, interval: 20 }).toBe(state);
}

test('old operations go with their journals; what is parked stays, and the last one on each target', async () => {
  const target = `node:${randomUUID()}`;
  const run = async (kind: string) => {
    const id = await database
      .transaction()
      .execute((tx) => operations.start(tx, { kind, target, input: kind, requestedBy: 'test' }));
    await operations.wait(id, { timeoutMs: 20_000 });
    return id;
  };
  broken = true;
  const parked = await run('fragile');
  const [first, second, last] = [await run('note'), await run('note'), await run('note')];
  const journals = async () => {
    const { rows } = await sql<{ id: string }>`
      select workflow_uuid as id from dbos.workflow_status
      where split_part(workflow_uuid, ':', 1) in (${first}, ${second}, ${last}, ${parked})`.execute(database);
    return rows.length;
  };
  const before = await journals();
  const left = async () => (await operations.list({ target })).map(({ id }) => id);
  await operations.forget(new Date(Date.now() - 60_000));
  expect(await left()).toEqual([last, second, first, parked]);
  expect(await operations.forget(new Date())).toBeGreaterThanOrEqual(2);
  expect(await left()).toEqual([last, parked]);
  expect(await journals()).toBe(before - 2);
});
