// Runs that outlived their agent are ended, and nothing else is.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { leftoversIn } from './leftover.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'leftover-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function sleeper() {
  const child = spawn('sleep', ['1000'], { detached: true, stdio: 'ignore' });
  return { child, group: child.pid ?? 0, ended: once(child, 'exit') };
}

it('ends the run that an earlier agent noted, once', async () => {
  const { group, ended } = sleeper();
  await leftoversIn(folder, '/proc').started(group);
  expect(await leftoversIn(folder, '/proc').endLast()).toBe(group);
  await ended;
  expect(await leftoversIn(folder, '/proc').endLast()).toBeUndefined();
});

it('leaves alone a process that only has the same number', async () => {
  const { child, group, ended } = sleeper();
  const leftovers = leftoversIn(folder, '/proc');
  await leftovers.started(group);
  const note = JSON.parse(readFileSync(join(folder, 'running.json'), 'utf8'));
  writeFileSync(join(folder, 'running.json'), JSON.stringify({ ...note, start: '1' }));
  expect(await leftovers.endLast()).toBeUndefined();
  expect(child.exitCode).toBeNull();
  child.kill();
  await ended;
});

it('has nothing to end after a run that came to its end', async () => {
  const { child, group, ended } = sleeper();
  const leftovers = leftoversIn(folder, '/proc');
  await leftovers.started(group);
  await leftovers.ended();
  expect(await leftovers.endLast()).toBeUndefined();
  child.kill();
  await ended;
});
