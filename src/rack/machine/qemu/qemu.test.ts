// QEMU machines against real guests: a boot sector that says on the serial line that it runs.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { type MachineFolder, rackFolder } from '../../folder.ts';
import { processesByMark } from '../../own-process.ts';
import { defaultRackOptions, type MachineSpec, rackSpec } from '../../spec.ts';
import type { Board, BootPlan, MachineFaults, PowerState } from '../contract.ts';
import { QemuMachine } from './qemu.ts';

const hasQemu = spawnSync('qemu-system-x86_64', ['--version']).status === 0;
const healthy: MachineFaults = { linkDown: false, stuckPost: false, diskFailing: false, clockSkewS: 0 };

/** `hlt; jmp -3` */
const haltCode = [0xf4, 0xeb, 0xfd];
/** `mov dx,0xcf9; mov al,6; out dx,al`: the chipset's reset control register. */
const resetCode = [0xba, 0xf9, 0x0c, 0xb0, 0x06, 0xee, ...haltCode];

/** A disk whose boot sector writes to the first serial port and goes on with some code. */
function talkingDisk(words: string, then: readonly number[] = haltCode): Buffer {
  const disk = Buffer.alloc(1 << 20);
  const code = [0xba, 0xf8, 0x03, ...[...Buffer.from(words)].flatMap((byte) => [0xb0, byte, 0xee]), ...then];
  Buffer.from(code).copy(disk);
  disk.writeUInt16LE(0xaa55, 510);
  return disk;
}

interface Bench {
  readonly spec: MachineSpec;
  readonly folder: MachineFolder;
  readonly powers: PowerState[];
  boots: number;
  order: BootPlan['order'];
  make(faults?: MachineFaults): QemuMachine;
  console(): string;
}

/** A guest under emulation on a busy host needs more than the second that polling gives by itself. */
const soon = <T>(value: () => T) => expect.poll(value, { timeout: 20_000, interval: 20 });

const folders: string[] = [];
const machines: QemuMachine[] = [];
afterEach(async () => {
  for (const machine of machines.splice(0)) await machine.forceOff();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function bench(): Bench {
  const data = mkdtempSync(join(tmpdir(), 'rack-qemu-'));
  folders.push(data);
  const [machine] = rackSpec({ ...defaultRackOptions, machines: 1, memoryMb: 128 }).machines;
  if (!machine) throw new Error('a rack of one machine has none');
  const spec: MachineSpec = { ...machine, nics: [], disks: [{ sizeBytes: 1 << 20 }] };
  const folder = rackFolder(data).machine(spec.name);
  mkdirSync(folder.path, { recursive: true });
  writeFileSync(folder.disk(0), talkingDisk('FROM-DISK '));
  const powers: PowerState[] = [];
  const here: Bench = {
    spec,
    folder,
    powers,
    boots: 0,
    order: ['disk'],
    make: (faults = healthy) => {
      const board: Board = {
        plan: () => ({ order: here.order, firmware: 'bios' }),
        bootBegan: () => {
          here.boots++;
        },
        powerChanged: (state) => void powers.push(state),
      };
      const around = {
        folder,
        enter: [],
        accelerator: Promise.resolve('tcg' as const),
        report: (error: unknown) => expect.fail(String(error)),
      };
      const made = new QemuMachine(spec, board, around, faults);
      machines.push(made);
      return made;
    },
    console: () => readFileSync(folder.consoleLog, 'latin1'),
  };
  return here;
}

const times = (text: string, words: string): number => text.split(words).length - 1;

describe.skipIf(!hasQemu)('a QEMU machine (skipped where qemu-system-x86_64 is not installed)', () => {
  test('boots its disk, and is off as soon as it is forced off', async () => {
    const here = bench();
    const machine = here.make();
    await machine.powerOn();
    expect(machine.power()).toBe('On');
    await soon(here.console).toContain('FROM-DISK');
    expect(here.boots).toBe(1);
    await machine.forceOff();
    expect(machine.power()).toBe('Off');
    expect(processesByMark([here.folder.monitor]).size).toBe(0);
    expect(here.powers).toEqual(['PoweringOn', 'On', 'PoweringOff', 'Off']);
  });

  test('a reset by the BMC boots once by the plan set meanwhile', async () => {
    const here = bench();
    const machine = here.make();
    await machine.powerOn();
    await soon(here.console).toContain('FROM-DISK');
    const disc = join(here.folder.path, 'disc.iso');
    writeFileSync(disc, talkingDisk('no boot record of a CD '));
    await machine.setMedia(disc);
    here.order = ['cd'];
    await machine.forceRestart();
    await soon(here.console).toContain('Booting from DVD/CD');
    expect([here.boots, times(here.console(), 'FROM-DISK')]).toEqual([2, 1]);
  });

  test('a guest that resets itself boots again by the plan of then', async () => {
    const here = bench();
    writeFileSync(here.folder.disk(0), talkingDisk('ROUND ', resetCode));
    const machine = here.make();
    await machine.powerOn();
    await soon(() => times(here.console(), 'ROUND')).toBeGreaterThan(2);
    expect(here.boots).toBeGreaterThan(2);
    expect(here.powers).toEqual(['PoweringOn', 'On']);
  });

  test('a guest that reset itself while no rack process ran is started by the next one', async () => {
    const here = bench();
    writeFileSync(here.folder.disk(0), talkingDisk('ROUND ', resetCode));
    const earlier = here.make();
    await earlier.powerOn();
    earlier.detach();
    await soon(() => processesByMark([here.folder.monitor]).size).toBe(0);
    writeFileSync(here.folder.disk(0), talkingDisk('LATER '));
    const later = here.make();
    await later.adopt(undefined);
    expect(later.power()).toBe('On');
    await soon(here.console).toContain('LATER');
  });

  test('a guest whose process is killed is off', async () => {
    const here = bench();
    const machine = here.make();
    await machine.powerOn();
    process.kill(machine.pid() ?? 0, 'SIGKILL');
    await soon(() => machine.power()).toBe('Off');
    await machine.powerOn();
    expect(machine.power()).toBe('On');
  });

  test('a guest that an earlier process let go is taken back, not started twice', async () => {
    const here = bench();
    const earlier = here.make();
    await earlier.powerOn();
    const pid = earlier.pid();
    earlier.detach();
    const later = here.make();
    await later.adopt(undefined);
    expect([later.power(), later.pid()]).toEqual(['On', pid]);
    await later.powerOn();
    expect(later.pid()).toBe(pid);
  });

  test('a machine stuck in its firmware has power and never boots, until it is reset after the fault', async () => {
    const here = bench();
    const machine = here.make({ ...healthy, stuckPost: true });
    await machine.powerOn();
    expect(machine.power()).toBe('On');
    await machine.setFaults(healthy);
    expect(here.console()).not.toContain('FROM-DISK');
    await machine.forceRestart();
    await soon(here.console).toContain('FROM-DISK');
  });

  test('a failing disk does not boot', async () => {
    const here = bench();
    const machine = here.make({ ...healthy, diskFailing: true });
    await machine.powerOn();
    await soon(here.console).toContain('could not read the boot disk');
  });

  test('QEMU that refuses its options is told in its own words', async () => {
    const here = bench();
    rmSync(here.folder.disk(0));
    mkdirSync(here.folder.disk(0));
    const machine = here.make();
    await expect(machine.powerOn()).rejects.toThrow(/QEMU ended at once: .*disk0\.raw/s);
    expect(machine.power()).toBe('Off');
  });
});
