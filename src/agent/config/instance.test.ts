// A machine's name, keys and user data from its config drive.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { setUpInstance } from './instance.ts';
import { pathsUnder } from './paths.ts';
import { userDataParts } from './user-data.ts';

let root: string;
const lines: string[] = [];
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'instance-'));
  for (const folder of ['proc/sys/kernel', 'etc', 'usr/bin']) mkdirSync(join(root, folder), { recursive: true });
  writeFileSync(join(root, 'etc/hosts'), '127.0.0.1 localhost\n127.0.1.1 old\n');
  lines.length = 0;
});
afterEach(() => rmSync(root, { recursive: true }));

const drive = (metaData: Record<string, unknown>, userData?: string) => ({
  metaData,
  userData,
  vendorData: {},
  networkData: {},
});
const setUp = (of: ReturnType<typeof drive>) => setUpInstance(of, pathsUnder(root), (line) => lines.push(line));
const text = (path: string) => readFileSync(join(root, path), 'utf8');

it('takes its name and lets its keys in, keeping those that are there', async () => {
  mkdirSync(join(root, 'root/.ssh'), { recursive: true });
  writeFileSync(join(root, 'root/.ssh/authorized_keys'), 'ssh-ed25519 AAA mine\n');
  const metaData = { uuid: 'u', hostname: 'web-0.example.org', public_keys: { k: 'ssh-ed25519 BBB k\n' } };
  await setUp(drive(metaData));
  await setUp(drive(metaData));
  expect(text('etc/hostname')).toBe('web-0\n');
  expect(text('proc/sys/kernel/hostname')).toBe('web-0');
  expect(text('etc/hosts')).toBe('127.0.0.1 localhost\n127.0.1.1 web-0.example.org web-0\n');
  expect(text('root/.ssh/authorized_keys')).toBe('ssh-ed25519 AAA mine\nssh-ed25519 BBB k\n');
  expect(statSync(join(root, 'root/.ssh/authorized_keys')).mode & 0o777).toBe(0o600);
});

it('runs user data once per instance', async () => {
  const script = `#!/bin/sh\necho ran | tee -a ${root}/ran\n`;
  await setUp(drive({ uuid: 'one' }, script));
  await setUp(drive({ uuid: 'one' }, script));
  await setUp(drive({ uuid: 'two' }, script));
  expect(text('ran')).toBe('ran\nran\n');
  expect(lines).toContain('user data: ran');
});

it('leaves everything to cloud-init where the image has it', async () => {
  writeFileSync(join(root, 'usr/bin/cloud-init'), '');
  await setUp(drive({ uuid: 'one', hostname: 'name' }, '#!/bin/sh\n'));
  expect(lines).toEqual([]);
  expect(() => text('etc/hostname')).toThrow();
});

it('takes the parts of a message that Heat sends apart', () => {
  const message = [
    'Content-Type: multipart/mixed; boundary="==X=="',
    'MIME-Version: 1.0',
    '',
    '--==X==',
    'Content-Type: text/cloud-config; charset="us-ascii"',
    '',
    '#cloud-config',
    '--==X==',
    'Content-Type: text/x-shellscript',
    'Content-Transfer-Encoding: base64',
    '',
    Buffer.from('#!/bin/sh\necho hello\n').toString('base64'),
    '--==X==',
    'Content-Type: text/x-cfninitdata',
    'Content-Disposition: attachment; filename="cfn-init-data"',
    '',
    '{"os-collect-config": {}}',
    '--==X==--',
    '',
  ].join('\n');
  expect(userDataParts(message)).toEqual([
    { kind: 'other', type: 'text/cloud-config' },
    { kind: 'script', content: '#!/bin/sh\necho hello\n' },
    { kind: 'cfn-init-data', content: '{"os-collect-config": {}}\n' },
  ]);
});
