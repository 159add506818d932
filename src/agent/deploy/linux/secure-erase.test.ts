// Disks that can erase themselves, as hdparm and nvme-cli describe them.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { systemClock } from '../../clock.ts';
import { AgentError } from '../../errors.ts';
import { plainDisk } from '../../protocol.ts';
import { eraseDisks } from './erase.ts';
import type { Run } from './program.ts';
import { parseAtaSecurity, secureEraseOf } from './secure-erase.ts';

const folder = mkdtempSync(join(tmpdir(), 'erase-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** `hdparm -I` of a SATA disk, from its heading on; `states` are the words of the security section. */
function hdparm(states: readonly string[]): string {
  return [
    '\n/dev/sda:\n\nATA device, with non-removable media',
    '\tModel Number:       INTEL SSDSC2KB480G8                     ',
    'Commands/features:\n\tEnabled\tSupported:\n\t   *\tSMART feature set\n\t    \tSecurity Mode feature set',
    'Security: ',
    '\tMaster password revision code = 65534',
    ...states.map((state) => (state.startsWith('not ') ? `\tnot\t${state.slice(4)}` : `\t\t${state}`)),
    '\tnot\texpired: security count',
    '\t2min for SECURITY ERASE UNIT. 4min for ENHANCED SECURITY ERASE UNIT. ',
    'Logical Unit WWN Device Identifier: 55cd2e4150000001',
    'Checksum: correct\n',
  ].join('\n');
}
const ready = hdparm(['supported', 'not enabled', 'not locked', 'not frozen', 'supported: enhanced erase']);

const disk = (name: string) => plainDisk(name, 8 << 20);

/** Answers by the first word that fits; what has no answer is a program that is not there. */
function programs(answers: Readonly<Record<string, string | AgentError>>): { run: Run; calls: string[] } {
  const calls: string[] = [];
  const run: Run = async (program, args) => {
    const line = [program, ...args].join(' ');
    calls.push(line);
    const answer = Object.entries(answers).find(([start]) => line.startsWith(start))?.[1];
    if (answer === undefined) throw new AgentError('missingProgram', `${program} is not there`);
    if (answer instanceof AgentError) throw answer;
    return answer;
  };
  return { run, calls };
}

test('reads the security section, where "not" stands before a word', () => {
  expect(parseAtaSecurity(ready)).toEqual({
    ...{ supported: true, enabled: false, locked: false, frozen: false, enhanced: true },
  });
  const bare = hdparm(['supported', 'enabled', 'locked', 'frozen', 'not supported: enhanced erase']);
  expect(parseAtaSecurity(bare)).toMatchObject({ enabled: true, locked: true, frozen: true, enhanced: false });
  expect(parseAtaSecurity('/dev/sda:\nHDIO_DRIVE_CMD(identify) failed\n')).toBeUndefined();
});

test('sets a password, erases by the stronger command, and looks whether the password is gone', async () => {
  const { run, calls } = programs({ hdparm: ready });
  const own = await secureEraseOf(disk('/dev/sda'), run);
  expect(own?.name).toBe('ATA enhanced security erase');
  await own?.erase(run, systemClock);
  expect(calls.slice(1)).toEqual([
    'hdparm --user-master u --security-set-pass NULL /dev/sda',
    'hdparm --user-master u --security-erase-enhanced NULL /dev/sda',
    'hdparm -I /dev/sda',
  ]);
});

test('unlocks a disk that an erasure, broken off, has left behind with its password', async () => {
  const { run, calls } = programs({
    'hdparm -I': hdparm(['supported', 'enabled', 'locked', 'not frozen']),
    hdparm: '',
  });
  const own = await secureEraseOf(disk('/dev/sda'), run);
  await expect(own?.erase(run, systemClock)).rejects.toThrow(/still protected by a password/);
  expect(calls.slice(1, 4)).toEqual([
    'hdparm --user-master u --security-unlock NULL /dev/sda',
    'hdparm --user-master u --security-disable NULL /dev/sda',
    'hdparm --user-master u --security-set-pass NULL /dev/sda',
  ]);
});

test('a disk that does not offer it, or a ramdisk without hdparm, is none of these', async () => {
  const without = hdparm(['not supported', 'not enabled', 'not locked', 'not frozen']);
  expect(await secureEraseOf(disk('/dev/sda'), programs({ hdparm: without }).run)).toBeUndefined();
  expect(await secureEraseOf(disk('/dev/sda'), programs({}).run)).toBeUndefined();
  expect(await secureEraseOf(disk('/dev/nvme0n1'), programs({}).run)).toBeUndefined();
});

test('NVMe disks are formatted, by throwing their key away where they can', async () => {
  for (const [fna, ses] of [
    [5, 2],
    [1, 1],
  ]) {
    const { run, calls } = programs({
      'nvme id-ctrl': JSON.stringify({ vid: 32902, mn: 'INTEL SSDPE2KX010T8', oacs: 14, fna }),
      'nvme format': 'Success formatting namespace:1\n',
    });
    await (await secureEraseOf(disk('/dev/nvme0n1'), run))?.erase(run, systemClock);
    expect(calls).toEqual(['nvme id-ctrl -o json /dev/nvme0n1', `nvme format /dev/nvme0n1 --ses=${ses} --force`]);
  }
  const { run } = programs({ 'nvme id-ctrl': JSON.stringify({ oacs: 0, fna: 4 }) });
  expect(await secureEraseOf(disk('/dev/nvme0n1'), run)).toBeUndefined();
});

test('a frozen disk stops the erasure unless the server allows to overwrite it instead', async () => {
  const path = join(folder, 'disk');
  writeFileSync(path, Buffer.alloc(8 << 20, 0xee));
  const { run } = programs({ hdparm: hdparm(['supported', 'not enabled', 'not locked', 'frozen']) });
  const options = { disks: [disk(path)], clock: systemClock, log: () => {}, report: () => {}, run };
  const settings = { ata: true, nvme: true, goOn: false };
  await expect(eraseDisks(options, settings)).rejects.toThrow(/frozen/);
  expect(readFileSync(path)[0]).toBe(0xee);
  await eraseDisks(options, { ...settings, goOn: true });
  expect(readFileSync(path).every((byte) => byte === 0)).toBe(true);
  writeFileSync(path, Buffer.alloc(8 << 20, 0xee));
  await eraseDisks(options, { ...settings, ata: false });
  expect(readFileSync(path).every((byte) => byte === 0)).toBe(true);
});

/** An NVMe disk that takes a while to sanitize itself, and ends with this status. */
function sanitizing(sanicap: number, end: string) {
  const states = ['0x2', '0x2', end];
  const { run, calls } = programs({
    'nvme id-ctrl': JSON.stringify({ oacs: 2, fna: 4, sanicap }),
    'nvme sanitize /dev': '',
  });
  const answering: Run = async (program, args) => {
    if (args[0] !== 'sanitize-log') return run(program, args);
    return `Sanitize Progress                      (SPROG) :  65535\nSanitize Status                        (SSTAT) :  ${states.shift()}\n`;
  };
  return { run: answering, calls };
}

test.each([
  [0b101, '4', 'cryptographic erase'],
  [0b110, '2', 'block erase'],
])('an NVMe disk sanitizes itself where it can, and it is waited for (SANICAP %i)', async (sanicap, action, name) => {
  const { run, calls } = sanitizing(sanicap, '0x101');
  const own = await secureEraseOf(disk('/dev/nvme1n2'), run);
  expect(own?.name).toBe(`NVMe sanitize by ${name}`);
  let waits = 0;
  await own?.erase(run, { ...systemClock, sleep: async () => void waits++ });
  expect(calls.at(-1)).toBe(`nvme sanitize /dev/nvme1 --sanact=${action}`);
  expect(waits).toBe(2);
});

test('a disk that fails to sanitize itself is not called erased; one that only overwrites is formatted', async () => {
  const { run } = sanitizing(1, '0x3');
  const own = await secureEraseOf(disk('/dev/nvme0n1'), run);
  await expect(own?.erase(run, { ...systemClock, sleep: async () => {} })).rejects.toThrow(/failed to sanitize itself/);
  const overwriting = await secureEraseOf(disk('/dev/nvme0n1'), sanitizing(0b100, '0x1').run);
  expect(overwriting?.name).toMatch(/^NVMe format/);
});
