// The partitions of golden images as numbers, and as a partition program reads them.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { loaderEntry, slotCommandLine, syslinuxConfig } from './boot-files.ts';
import { defaultSizes, planLayout, sfdiskScript } from './layout.ts';

const mib = 1 << 20;

it('lays the partitions one behind the other from the first MiB on', () => {
  const { partitions, diskBytes } = planLayout({ espMib: 64, rootMib: 1024, stateMib: 256 });
  expect(partitions.map((part) => [part.name, part.offsetBytes / mib, part.sizeBytes / mib])).toEqual([
    ['bios-boot', 1, 1],
    ['esp', 2, 64],
    ['root-a', 66, 1024],
    ['root-b', 1090, 1024],
    ['state', 2114, 256],
  ]);
  expect(diskBytes / mib).toBe(2371);
});

it.skipIf(spawnSync('sfdisk', ['--version']).status !== 0)(
  'is taken by sfdisk as it is (skipped without sfdisk)',
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'layout-'));
    const disk = join(folder, 'disk');
    const layout = planLayout(defaultSizes);
    writeFileSync(disk, '');
    truncateSync(disk, layout.diskBytes);
    execFileSync('sfdisk', ['--quiet', disk], { input: sfdiskScript(layout.partitions) });
    const seen = JSON.parse(execFileSync('sfdisk', ['--json', disk], { encoding: 'utf8' })).partitiontable.partitions;
    rmSync(folder, { recursive: true });
    expect(
      seen.map((part: { name: string; start: number; size: number; type: string }) => [
        part.name,
        part.start * 512,
        part.size * 512,
        part.type,
      ]),
    ).toEqual(layout.partitions.map((part) => [part.name, part.offsetBytes, part.sizeBytes, part.type]));
    expect(seen[1].attrs).toBe('LegacyBIOSBootable');
  },
);

it('names the slot on the kernel command line before the image’s own part', () => {
  expect(slotCommandLine('b', 'quiet')).toBe('undercloud.slot=b quiet');
});

it('offers both slots to both boot loaders and starts the active one at once', () => {
  const config = syslinuxConfig('a', 'quiet');
  expect(config).toMatch(/^DEFAULT a\nPROMPT 0\n/);
  expect(config).toContain(
    'LABEL b\n  LINUX /slots/b/vmlinuz\n  INITRD /slots/b/initrd\n  APPEND undercloud.slot=b quiet\n',
  );
  expect(loaderEntry('b', 'quiet')).toContain(
    'linux /slots/b/vmlinuz\ninitrd /slots/b/initrd\noptions undercloud.slot=b quiet\n',
  );
});
