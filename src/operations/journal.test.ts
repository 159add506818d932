// What a run after a crash finds in the journal: ended steps are not run again, waits go on, what others took over is left alone.
import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, expect, test } from 'vitest';
import { testDatabase } from '../database/testing/index.ts';
import { enterStep, readJournal, sendMessage, takeMessage } from './journal.ts';
import { createNews } from './news.ts';
import { type Json, type Operation, type OperationContext, OperationFailed } from './operation.ts';
import { type Runner, runOperation } from './run.ts';
import { findOperation } from './store.ts';

const { database, drop } = await testDatabase();
const executor = 'this process';
const news = createNews();
afterAll(drop);

/** The process is killed: the run stops there for ever and writes nothing any more. */
const killed = () => new Promise<never>(() => undefined);

async function open(): Promise<Operation> {
  const id = randomUUID();
  await sql`insert into operations (id, kind, target, requested_by, state, input, executor_id)
    values (${id}, 'work', ${`thing:${id}`}, 'test', 'running', '{}', ${executor})`.execute(database);
  const operation = await findOperation(database, id);
  if (!operation) throw new Error('it is not there');
  return operation;
}

/** Runs the operation over what its journal holds by now. */
async function run(operation: Operation, handler: (context: OperationContext) => Promise<Json>): Promise<void> {
  const runner: Runner = {
    database,
    executor,
    kinds: new Map([['work', { deadlineMs: 60_000, handler }]]),
    news,
    stopped: () => false,
    log: console,
    start: async () => {
      throw new Error('no children here');
    },
    ended: async () => undefined,
  };
  await runOperation(runner, operation, await readJournal(database, operation));
}

/** Resolves when the run has come to the place where it is killed. */
function runUntilKilled(
  operation: Operation,
  handler: (context: OperationContext, kill: () => Promise<never>) => Promise<Json>,
) {
  return new Promise<void>((reached, failed) => {
    const kill = () => {
      reached();
      return killed();
    };
    run(operation, (context) => handler(context, kill)).then(() => failed(new Error('it ended')), failed);
  });
}

test('takes the results of ended steps, and runs the step again that was cut off', async () => {
  const operation = await open();
  const ran: string[] = [];
  const work = async (context: OperationContext, kill: (() => Promise<never>) | undefined): Promise<Json> => {
    const first = await context.step('first', async () => {
      ran.push('first');
      return { number: 1 };
    });
    const second = await context.step('second', async () => {
      ran.push('second');
      return kill ? kill() : 2;
    });
    return { first, second };
  };
  await runUntilKilled(operation, work);
  await run(operation, (context) => work(context, undefined));
  expect(ran).toEqual(['first', 'second', 'second']);
  expect(await findOperation(database, operation.id)).toMatchObject({
    state: 'done',
    result: { first: { number: 1 }, second: 2 },
  });
});

test('throws the error of a step again, with its name and hint, so that the handler goes the same way', async () => {
  const operation = await open();
  let tries = 0;
  const work = async (context: OperationContext, kill: (() => Promise<never>) | undefined): Promise<Json> => {
    try {
      await context.step('try', async () => {
        tries++;
        throw new OperationFailed('the disk is too small', 'Choose a larger machine.');
      });
    } catch (error) {
      const told = error instanceof Error && 'hint' in error ? [error.name, error.message, String(error.hint)] : [];
      return context.step('go on', async () => (kill ? kill() : told));
    }
    return null;
  };
  await runUntilKilled(operation, work);
  await run(operation, (context) => work(context, undefined));
  expect(tries).toBe(1);
  expect((await findOperation(database, operation.id))?.result).toEqual([
    'OperationFailed',
    'the disk is too small',
    'Choose a larger machine.',
  ]);
});

test('hears a message once, also when the run is cut off after it', async () => {
  const operation = await open();
  for (const message of ['first', 'second']) await sendMessage(database, operation.id, 'word', message);
  const wait = { reason: 'waiting for a word', timeoutMs: 0 };
  const work = async (context: OperationContext, kill: (() => Promise<never>) | undefined): Promise<Json> => {
    const words = [await context.waitFor<string>('word', wait)];
    await context.step('think', async () => kill?.());
    words.push(await context.waitFor<string>('word', wait), await context.waitFor<string>('word', wait));
    return words.map((word) => word ?? 'silence');
  };
  await runUntilKilled(operation, work);
  await run(operation, (context) => work(context, undefined));
  expect((await findOperation(database, operation.id))?.result).toEqual(['first', 'second', 'silence']);
});

test('waits out only the rest of a time that began before the crash', async () => {
  const operation = await open();
  const first = { number: 1, name: 'resting', state: 'waiting' } as const;
  await enterStep(database, { ...operation, executor }, first, undefined);
  await sql`update operation_steps set started_at = now() - interval '1 hour' where operation_id = ${operation.id}`.execute(
    database,
  );
  await run(operation, async (context) => {
    await context.sleep(3_600_000, 'resting');
    return 'rested';
  });
  expect((await findOperation(database, operation.id))?.result).toBe('rested');
});

test('ends at a step that the journal has under another name, for what follows is not its own', async () => {
  const operation = await open();
  await runUntilKilled(operation, async (context, kill) => {
    await context.step('old', async () => 'old result');
    return context.step('next', kill);
  });
  await run(operation, (context) => context.step('new', async () => 'new result'));
  expect(await findOperation(database, operation.id)).toMatchObject({
    state: 'failed',
    failure: { cause: expect.stringContaining('"old"'), hint: 'Resume it: it begins anew.' },
  });
});

test('a process whose operation was taken over opens no step and reads no message', async () => {
  const operation = await open();
  await sendMessage(database, operation.id, 'word', 'for the survivor');
  const dead = { ...operation, executor: 'a process that was silent for too long' };
  const step = { number: 1, name: 'act', state: 'running' } as const;
  expect(await enterStep(database, dead, step, undefined)).toBeUndefined();
  expect(await takeMessage(database, dead, 1, 'word')).toBeUndefined();
  expect(await takeMessage(database, { ...operation, executor }, 1, 'word')).toMatchObject({
    outcome: expect.stringContaining('for the survivor'),
  });
});

test('drops what nobody will read: messages to an operation that waits in line or is over, and those left at its end', async () => {
  const operation = await open();
  await sendMessage(database, operation.id, 'word', 'unread');
  await run(operation, async () => null);
  await sendMessage(database, operation.id, 'word', 'too late');
  const left = await sql`select from operation_messages where operation_id = ${operation.id}`.execute(database);
  expect(left.rows).toHaveLength(0);
});
