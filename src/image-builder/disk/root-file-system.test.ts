// A tree as one file system, read back by e2fsprogs' own programs.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { makeRootFileSystem } from './root-file-system.ts';

const mebibyte = 1 << 20;
const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** A tree of a few files, and where its file system goes. */
function request() {
  const folder = mkdtempSync(join(tmpdir(), 'root-'));
  folders.push(folder);
  const [tree, output, log] = [join(folder, 'tree'), join(folder, 'root.ext4'), join(folder, 'log')];
  mkdirSync(join(tree, 'etc'), { recursive: true });
  writeFileSync(join(tree, 'etc/hostname'), 'made-here\n');
  writeFileSync(join(tree, 'large'), Buffer.alloc(3 * mebibyte, 1));
  for (const file of [output, log]) writeFileSync(file, '');
  return { tree, output, log, label: 'root', features: 'has_journal', offsetBytes: 0, freeMib: 0, mostBytes: 1 << 30 };
}
const read = (program: string, ...words: string[]) => execFileSync(program, words, { encoding: 'utf8', stdio: 'pipe' });

describe.skipIf(spawnSync('mkfs.ext4', ['-V']).status !== 0)('a root file system (skipped without e2fsprogs)', () => {
  test('holds the tree under its label, and is no larger than the file', async () => {
    const wanted = request();
    const bytes = await makeRootFileSystem(wanted);
    expect(statSync(wanted.output).size).toBe(bytes);
    expect(read('e2label', wanted.output)).toBe('root\n');
    expect(read('debugfs', '-R', 'cat /etc/hostname', wanted.output)).toBe('made-here\n');
  });

  test('has the room that was asked for', async () => {
    const wanted = request();
    const bytes = await makeRootFileSystem(wanted);
    const roomy = { ...wanted, output: `${wanted.output}.roomy`, freeMib: 32 };
    writeFileSync(roomy.output, '');
    expect(await makeRootFileSystem(roomy)).toBe(bytes + 32 * mebibyte);
    const free = /^Free blocks: *(\d+)$/m.exec(read('dumpe2fs', '-h', roomy.output))?.[1];
    expect(Number(free) * 4096).toBeGreaterThan(24 * mebibyte);
  });

  test('is refused when it would be larger than it may be, and says by how much', async () => {
    await expect(makeRootFileSystem({ ...request(), mostBytes: 8 * mebibyte })).rejects.toThrow(
      /needs \d+ MiB, there are 8 MiB/,
    );
  });
});
