// What a killed build leaves, and what must not be taken for it.
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { sweep } from './sweep.ts';

it('removes the work of builds that are gone and keeps finished layers and running builds', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sweep-'));
  for (const name of ['tree-1-abc', 'tree-2-abc', 'unfinished-1-def', 'a'.repeat(64)]) mkdirSync(join(folder, name));
  await sweep(folder, (pid) => pid === 2);
  expect(readdirSync(folder)).toEqual(['a'.repeat(64), 'tree-2-abc']);
  rmSync(folder, { recursive: true });
});
