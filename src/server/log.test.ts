// What the log tells of errors.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { openLog } from './log.ts';

const folder = mkdtempSync(join(tmpdir(), 'undercloud-log-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('an error is told with its cause and its place, under any name, and without what hangs on it', () => {
  const { log, file } = openLog(folder, 'info');
  const error = Object.assign(new Error('lost', { cause: new Error('cut off') }), {
    code: '57P01',
    client: { key: 42 },
  });
  log.info({ detail: error }, 'first');
  log.info({ err: error }, 'second');
  const lines = readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  for (const [index, name] of ['detail', 'err'].entries()) {
    const told = lines[index][name];
    expect(told).toMatchObject({ type: 'Error', message: 'lost', code: '57P01', cause: { message: 'cut off' } });
    expect(told.stack).toContain('log.test.ts');
    expect(told).not.toHaveProperty('client');
  }
});
