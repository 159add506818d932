// What a rack is made of, as it is kept on disk and as it is derived from the options.
import { createHash, randomBytes } from 'node:crypto';
import { type Static, Type } from '@sinclair/typebox';
import { rackErrors } from './errors.ts';
import { SimulatedDelays } from './machine/index.ts';
import { rackAddresses } from './network/index.ts';

const Kind = Type.Union([Type.Literal('qemu'), Type.Literal('simulated')]);
const Firmware = Type.Union([Type.Literal('bios'), Type.Literal('uefi')]);
/** What the disks of a guest hang on. */
const DiskBus = Type.Union([Type.Literal('virtio'), Type.Literal('nvme')]);
const Acceleration = Type.Union([Type.Literal('auto'), Type.Literal('tcg'), Type.Literal('kvm')]);

export const MachineSpec = Type.Object({
  name: Type.String(),
  uuid: Type.String(),
  serial: Type.String(),
  memoryMb: Type.Integer(),
  firmware: Firmware,
  nics: Type.Array(Type.Object({ mac: Type.String(), tap: Type.String() })),
  disks: Type.Array(Type.Object({ sizeBytes: Type.Integer() })),
  diskBus: Type.Optional(DiskBus),
  bmc: Type.Object({ port: Type.Integer(), username: Type.String(), password: Type.String() }),
});
export type MachineSpec = Static<typeof MachineSpec>;

export const RackSpec = Type.Object({
  version: Type.Literal(1),
  name: Type.String(),
  kind: Kind,
  acceleration: Acceleration,
  subnet: Type.String(),
  delays: SimulatedDelays,
  /** Where simulated machines find their boot scripts. */
  bootUrl: Type.Optional(Type.String()),
  /** Whether each BMC speaks IPMI too. */
  ipmi: Type.Optional(Type.Boolean()),
  machines: Type.Array(MachineSpec),
});
export type RackSpec = Static<typeof RackSpec>;

export interface RackOptions {
  readonly name: string;
  readonly kind: Static<typeof Kind>;
  readonly machines: number;
  readonly memoryMb: number;
  readonly diskGb: number;
  readonly disks: number;
  readonly diskBus: Static<typeof DiskBus>;
  readonly nics: number;
  readonly firmware: Static<typeof Firmware>;
  readonly acceleration: Static<typeof Acceleration>;
  readonly subnet: string;
  readonly delays: SimulatedDelays;
  readonly bootUrl?: string | undefined;
  readonly ipmi: boolean;
}

export const defaultRackName = 'ucrack0';

export const defaultRackOptions: RackOptions = {
  name: defaultRackName,
  kind: 'qemu',
  machines: 3,
  memoryMb: 768,
  diskGb: 8,
  disks: 1,
  diskBus: 'virtio',
  nics: 1,
  firmware: 'bios',
  acceleration: 'auto',
  subnet: '192.168.24.0/24',
  delays: { powerOnMs: 500, powerOffMs: 500 },
  ipmi: false,
};

/** Most machines one rack holds: what the last two bytes of a MAC address count, four bits of them for the NIC. */
export const mostMachines = 4095;

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** QEMU's own prefix, one byte from the rack's name, then machine and NIC: the same rack gets the same addresses every time. */
export function macAddress(rack: string, machine: number, nic: number): string {
  const tail = (machine << 4) | nic;
  const bytes = [0x52, 0x54, 0x00, digest(rack)[0] ?? 0, tail >> 8, tail & 0xff];
  return bytes.map((byte) => byte.toString(16).padStart(2, '0')).join(':');
}

/** A tap's name: short enough for Linux, and its own for every rack. */
function tapName(rack: string, machine: number, nic: number): string {
  return `uc${digest(rack).toString('hex', 0, 1)}t${machine}${nic === 0 ? '' : `n${nic}`}`;
}

/** A stable UUID (RFC 4122 layout, version 5 form) for a machine of a rack. */
export function machineUuid(rack: string, machine: number): string {
  const bytes = digest(`${rack}/${machine}`).subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x50;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/**
 * BMCs of a rack listen from this port up. Each name has its own hundred, so that a rack that is down finds its ports free
 * when it comes back; all are below the range Linux takes ports for outgoing connections from.
 */
export function firstBmcPort(rack: string): number {
  const hundred = rack === defaultRackName ? 0 : 1 + ((digest(rack)[1] ?? 0) % 120);
  return 18_000 + hundred * 100;
}

/** Names an interface may carry: Linux allows 15 bytes. */
const nameForm = /^[a-z][a-z0-9-]{0,14}$/;

/** Checks what the types cannot say; throws `bad-option`. */
export function checkOptions(options: RackOptions): void {
  if (!nameForm.test(options.name)) {
    throw rackErrors.badOption(
      '--name',
      `${options.name} must be 1 to 15 lower-case letters, digits and dashes: it names a network interface`,
    );
  }
  const whole = (flag: string, value: number, least: number, most: number): void => {
    if (!Number.isInteger(value) || value < least || value > most) {
      throw rackErrors.badOption(flag, `${value} is not a whole number from ${least} to ${most}`);
    }
  };
  whole('--machines', options.machines, 1, mostMachines);
  whole('--memory', options.memoryMb, 128, 1 << 20);
  whole('--disk', options.diskGb, 1, 16384);
  whole('--disks', options.disks, 1, 8);
  whole('--nics', options.nics, 1, 8);
  rackAddresses(options.subnet);
  if (options.bootUrl !== undefined && !/^https?:\/\/[^/]+$/.test(options.bootUrl))
    throw rackErrors.badOption('--boot-url', `${options.bootUrl} is not http://HOST:PORT`);
}

/**
 * The spec for these options. Machines the rack had before keep their password and BMC port, so a nodes file
 * handed out earlier stays true.
 */
export function rackSpec(options: RackOptions, before?: RackSpec): RackSpec {
  checkOptions(options);
  const prefix = options.name === defaultRackName ? 'machine' : options.name;
  const machines = Array.from({ length: options.machines }, (_, index): MachineSpec => {
    const number = index + 1;
    const old = before?.machines[index];
    return {
      name: `${prefix}-${number}`,
      uuid: machineUuid(options.name, number),
      serial: `${options.name}-${String(number).padStart(4, '0')}`,
      memoryMb: options.memoryMb,
      firmware: options.firmware,
      nics: Array.from({ length: options.nics }, (_, nic) => ({
        mac: macAddress(options.name, number, nic),
        tap: tapName(options.name, number, nic),
      })),
      disks: Array.from({ length: options.disks }, () => ({ sizeBytes: options.diskGb * 1024 ** 3 })),
      diskBus: options.diskBus,
      bmc: old?.bmc ?? { port: 0, username: 'admin', password: randomBytes(12).toString('base64url') },
    };
  });
  return {
    version: 1,
    name: options.name,
    kind: options.kind,
    acceleration: options.acceleration,
    subnet: options.subnet,
    delays: options.delays,
    ...(options.bootUrl === undefined ? {} : { bootUrl: options.bootUrl }),
    ipmi: options.ipmi,
    machines,
  };
}

/** The options a rack was made by, so that what is not asked anew stays as it is. */
export function optionsOf(spec: RackSpec): RackOptions {
  const first = spec.machines[0];
  return {
    name: spec.name,
    kind: spec.kind,
    machines: spec.machines.length,
    memoryMb: first?.memoryMb ?? defaultRackOptions.memoryMb,
    diskGb: (first?.disks[0]?.sizeBytes ?? 0) / 1024 ** 3 || defaultRackOptions.diskGb,
    disks: first?.disks.length ?? defaultRackOptions.disks,
    diskBus: first?.diskBus ?? defaultRackOptions.diskBus,
    nics: first?.nics.length ?? defaultRackOptions.nics,
    firmware: first?.firmware ?? defaultRackOptions.firmware,
    acceleration: spec.acceleration,
    subnet: spec.subnet,
    delays: spec.delays,
    bootUrl: spec.bootUrl,
    ipmi: spec.ipmi === true,
  };
}

/** What differs between a rack that is up and the one asked for, as sentences for a person. */
export function specDifferences(up: RackSpec, asked: RackSpec): string[] {
  const differences: string[] = [];
  const compare = (what: string, a: unknown, b: unknown): void => {
    if (a !== b) differences.push(`${what} is ${String(a)}, asked ${String(b)}`);
  };
  compare('name', up.name, asked.name);
  compare('kind', up.kind, asked.kind);
  compare('IPMI', up.ipmi === true, asked.ipmi === true);
  compare('boot URL', up.bootUrl, asked.bootUrl);
  compare('subnet', up.subnet, asked.subnet);
  compare('number of machines', up.machines.length, asked.machines.length);
  const [one, other] = [up.machines[0], asked.machines[0]];
  compare('memory', one?.memoryMb, other?.memoryMb);
  compare('firmware', one?.firmware, other?.firmware);
  compare('number of disks', one?.disks.length, other?.disks.length);
  compare('disk bus', one?.diskBus ?? 'virtio', other?.diskBus);
  compare('disk size', one?.disks[0]?.sizeBytes, other?.disks[0]?.sizeBytes);
  compare('number of NICs', one?.nics.length, other?.nics.length);
  return differences;
}
