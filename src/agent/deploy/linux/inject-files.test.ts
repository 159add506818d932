// Files injected into real file systems: partitions of a file that loop devices show.
import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { plainDisk } from '../../protocol.ts';
import { type Loopback, listenOnLoopback } from '../../testing/loopback.ts';
import { fill } from './fill-in.ts';
import { injectFilesStep } from './inject-files.ts';
import { parseInjectedFiles } from './injected-file.ts';

const mebibyte = 1 << 20;
const isRoot = process.getuid?.() === 0;
const folder = mkdtempSync(join(tmpdir(), 'inject-files-'));
const disk = join(folder, 'disk');
const seen = join(folder, 'seen');
/** Nodes of the partitions: boot files, swap space, an EFI system partition, the root file system. */
const nodes: string[] = [];
let server: Loopback;

beforeAll(async () => {
  server = await listenOnLoopback(({ url }, response) => {
    if (url === '/gone') response.statusCode = 404;
    response.end(`served for ${url}`);
  });
  if (!isRoot) return;
  const tree = join(folder, 'tree');
  for (const name of ['etc/old', 'usr/lib']) mkdirSync(join(tree, name), { recursive: true });
  writeFileSync(join(tree, 'etc/hostname'), 'image\n');
  symlinkSync('/usr/lib', join(tree, 'lib'));
  symlinkSync('../../../../../../etc/old', join(tree, 'etc/up'));
  symlinkSync('/nowhere', join(tree, 'etc/link'));
  writeFileSync(disk, Buffer.alloc(64 * mebibyte));
  for (const [start, size] of [
    [1, 8],
    [9, 4],
    [13, 8],
    [21, 40],
  ] as const) {
    const place = ['--offset', String(start * mebibyte), '--sizelimit', String(size * mebibyte)];
    nodes.push(execFileSync('losetup', ['--find', '--show', ...place, disk], { encoding: 'utf8' }).trim());
  }
  const [boot = '', swap = '', esp = '', root = ''] = nodes;
  execFileSync('mkfs.ext4', ['-q', '-t', 'ext2', boot]);
  // Kernels of test hosts may not know it: then it is passed over.
  execFileSync('mkfs.vfat', [esp], { stdio: 'ignore' });
  execFileSync('mkswap', [swap], { stdio: 'ignore' });
  execFileSync('mkfs.ext4', ['-q', '-d', tree, root]);
  mkdirSync(seen);
});
afterAll(async () => {
  for (const node of nodes) execFileSync('losetup', ['--detach', node]);
  rmSync(folder, { recursive: true });
  await server.close();
});

const step = injectFilesStep({
  rootDisk: async () => plainDisk(disk, 64 * mebibyte, {}),
  partitions: async () => nodes.map((node, index) => ({ number: index + 1, node })),
  priority: 0,
  log: () => {},
});
const base64 = (text: string) => Buffer.from(text).toString('base64');
const node = { uuid: '11111111-1111-4111-8111-111111111111', properties: {} };
const ports = [{ address: '52:54:00:00:00:01' }];
const inject = (files: readonly object[], more: { args?: object; properties?: object } = {}) =>
  step.run({ files, ...more.args }, { ...node, properties: more.properties ?? {} }, () => {}, ports);

/** Looks into a partition, as whoever mounts it there. */
function look<Result>(number: number, at: (root: string) => Result): Result {
  execFileSync('mount', ['-o', 'ro', nodes[number - 1] ?? '', seen]);
  try {
    return at(seen);
  } finally {
    execFileSync('umount', [seen]);
  }
}

describe.skipIf(!isRoot)('deploy.inject_files (mounting needs root)', () => {
  test('writes into the partition that has the beginning of the path, with owner and modes', async () => {
    await inject([
      { path: '/etc/new/deep/a.conf', content: base64('a\n'), mode: 0o640, dirmode: 0o750, owner: 12, group: 34 },
      { path: '/etc/hostname', content: base64('mine\n'), mode: '0600' },
    ]);
    look(4, (root) => {
      const made = statSync(join(root, 'etc/new/deep/a.conf'));
      expect([readFileSync(join(root, 'etc/new/deep/a.conf'), 'utf8'), made.uid, made.gid]).toEqual(['a\n', 12, 34]);
      expect([made.mode & 0o7777, statSync(join(root, 'etc/new/deep')).mode & 0o7777]).toEqual([0o640, 0o750]);
      expect(readFileSync(join(root, 'etc/hostname'), 'utf8')).toBe('mine\n');
      expect(statSync(join(root, 'etc/hostname')).mode & 0o7777).toBe(0o600);
    });
  });

  test('writes into a partition by its number, or by its device', async () => {
    await inject([
      { path: '/loader.conf', partition: 1, content: base64('one') },
      { path: '/two.conf', partition: nodes[0], content: base64('two') },
    ]);
    look(1, (root) => {
      expect(readFileSync(join(root, 'loader.conf'), 'utf8')).toBe('one');
      expect(readFileSync(join(root, 'two.conf'), 'utf8')).toBe('two');
    });
  });

  test('fetches content from a URL that names the node and its ports, after those of the node itself', async () => {
    const url = `${server.url}/{node[uuid]}/{ports[0][address]}`;
    const own = [{ path: '/etc/order', content: base64('of the node') }];
    await inject([{ path: '/etc/order', content: url }], { properties: { inject_files: own } });
    const written = look(4, (root) => readFileSync(join(root, 'etc/order'), 'utf8'));
    expect(written).toBe(`served for /${node.uuid}/52:54:00:00:00:01`);
    await inject([], { properties: { inject_files: own } });
    expect(look(4, (root) => readFileSync(join(root, 'etc/order'), 'utf8'))).toBe('of the node');
  });

  test('removes files, and one that is not there is no error', async () => {
    await inject([
      { path: '/etc/gone', content: base64('x') },
      { path: '/etc/gone', deleted: true },
      { path: '/etc/never', deleted: true },
    ]);
    expect(look(4, (root) => statSync(join(root, 'etc/gone'), { throwIfNoEntry: false }))).toBeUndefined();
  });

  test('symbolic links of the image lead to places in the image', async () => {
    await inject([
      { path: '/lib/module', content: base64('in usr') },
      { path: '/etc/up/file', content: base64('in old') },
      { path: '/etc/link', partition: 4, deleted: true },
    ]);
    look(4, (root) => {
      expect(readFileSync(join(root, 'usr/lib/module'), 'utf8')).toBe('in usr');
      expect(readFileSync(join(root, 'etc/old/file'), 'utf8')).toBe('in old');
      expect(readlinkSync(join(root, 'lib'))).toBe('/usr/lib');
      expect(() => readlinkSync(join(root, 'etc/link'))).toThrow('ENOENT');
    });
  });

  test.each([
    [{ path: '/srv/a', content: base64('x') }, 'no partition of .* has /srv'],
    [{ path: '/a', partition: 9, content: base64('x') }, 'has no partition 9'],
    [{ path: '/a', partition: 2, content: base64('x') }, 'unknown filesystem|swap|wrong fs|mount'],
    [{ path: '/etc/a', content: 'http://127.0.0.1:1/x' }, 'ECONNREFUSED'],
    [{ path: '/etc/a', content: 'not base64!' }, 'neither a URL nor base64'],
    [{ path: '/etc/hostname/a', content: base64('x') }, '/etc/hostname/a: ENOTDIR|EEXIST'],
  ])('fails with what is wrong: %j', async (file, words) => {
    await expect(inject([file])).rejects.toThrow(new RegExp(words));
    expect(execFileSync('mount', { encoding: 'utf8' })).not.toContain('undercloud-inject');
  });

  test('a server that refuses writes nothing', async () => {
    await expect(inject([{ path: '/etc/refused', content: `${server.url}/gone` }])).rejects.toThrow('HTTP 404');
    expect(look(4, (root) => statSync(join(root, 'etc/refused'), { throwIfNoEntry: false }))).toBeUndefined();
  });
});

test.each([
  [[], 'no files'],
  [[7], 'file 1 of inject_files: is no object'],
  [[{ path: 'etc/a' }], 'absolute path'],
  [[{ path: '/etc/' }], 'absolute path'],
  [[{ path: '/a', deleted: true, content: 'eA==' }], 'exclude each other'],
  [[{ path: '/a' }, { path: '/b', owner: 'root' }], 'file 2 of inject_files: owner'],
  [[{ path: '/a', mode: '0999' }], 'mode'],
  [[{ path: '/a', partition: 0 }], 'partition'],
  [[{ path: '/a', colour: 'red' }], 'colour'],
])('refuses %j before anything is written', (files, words) => {
  expect(() => parseInjectedFiles(files)).toThrow(words);
});

test('text is filled in as Python would, and what is not there is told', () => {
  const facts = { node: { name: 'n1', ports: 2 }, ports: [{ address: 'aa' }] };
  expect(fill('http://s/{node[name]}/{ports[0][address]}?{{x}}={node[ports]}', facts, '/a')).toBe(
    'http://s/n1/aa?{x}=2',
  );
  for (const text of ['{node}', '{node[secret]}', '{ports[1][address]}', '{}', '{node.name}'])
    expect(() => fill(text, facts, '/a')).toThrow(`/a: there is no ${text}`);
});
