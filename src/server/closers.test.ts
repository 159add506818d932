// The parts of a server end in the reverse order of their beginning, whatever becomes of one of them.
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { createClosers } from './closers.ts';

test('a part that fails and one that never ends hold up no other', async () => {
  const told: string[] = [];
  const log = pino({ level: 'warn' }, { write: (line: string) => void told.push(JSON.parse(line).msg) });
  const closers = createClosers(log, { withinMs: 50 });
  const ended: string[] = [];
  closers.push(() => void ended.push('database'));
  closers.push(() => new Promise(() => {}));
  closers.push(async () => {
    throw new Error('the database is gone');
  });
  closers.push(() => void ended.push('listener'));
  await closers.close();
  expect(ended).toEqual(['listener', 'database']);
  expect(told).toEqual([expect.stringContaining('as it should'), expect.stringContaining('in time')]);
});
