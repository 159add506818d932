// The faults a machine can be given, and what value each takes.
import { type Static, Type } from '@sinclair/typebox';
import { rackErrors } from '../errors.ts';
import type { MachineFaults } from '../machine/index.ts';

export const Faults = Type.Object({
  /** `refuse`: connections are refused. `hang`: they are taken and never answered. `close`: they are taken and closed. */
  'bmc-dead': Type.Optional(Type.Union([Type.Literal('refuse'), Type.Literal('hang'), Type.Literal('close')])),
  /** Every request is answered 503. */
  'bmc-busy': Type.Optional(Type.Literal(true)),
  /** Milliseconds the BMC waits before each answer. */
  'bmc-slow': Type.Optional(Type.Integer({ minimum: 1, maximum: 3_600_000 })),
  /** Power commands are taken, and nothing follows. */
  'power-stuck': Type.Optional(Type.Literal(true)),
  'link-down': Type.Optional(Type.Literal(true)),
  /** From its next boot on the machine has power and never leaves its firmware. */
  'stuck-post': Type.Optional(Type.Literal(true)),
  /** From its next power-on the disks answer every access with an I/O error. */
  'disk-failing': Type.Optional(Type.Literal(true)),
  /** Which disk, from 1 up, is not there from its next power-on. */
  'disk-lost': Type.Optional(Type.Integer({ minimum: 1 })),
  /** The ramdisk ends when it begins to write or erase. */
  'agent-dies': Type.Optional(Type.Literal(true)),
  /** Seconds the machine's hardware clock is off, from its next power-on. */
  'clock-skew': Type.Optional(Type.Integer()),
});
export type Faults = Static<typeof Faults>;
export type FaultKind = keyof Faults;

const switches = {
  'bmc-busy': true,
  'power-stuck': true,
  'link-down': true,
  'stuck-post': true,
  'disk-failing': true,
  'agent-dies': true,
} as const;
const deaths = ['refuse', 'hang', 'close'] as const;

/** Every fault with the value it takes and what it does: the table the command's help prints. */
export const faultKinds: Readonly<Record<FaultKind, { readonly value: string; readonly effect: string }>> = {
  'bmc-dead': {
    value: 'refuse (default), hang or close',
    effect: 'the BMC refuses connections, or takes them and never answers, or closes them',
  },
  'bmc-busy': { value: 'on', effect: 'the BMC answers every request with 503' },
  'power-stuck': { value: 'on', effect: 'the BMC takes power commands, and nothing follows' },
  'bmc-slow': { value: 'milliseconds', effect: 'the BMC waits before each answer' },
  'link-down': { value: 'on', effect: 'the NICs lose their link, at once' },
  'stuck-post': { value: 'on', effect: 'from its next boot the machine has power and never leaves its firmware' },
  'clock-skew': {
    value: 'seconds ahead, or behind with a minus',
    effect: 'from its next power-on its hardware clock is off',
  },
  'agent-dies': { value: 'on', effect: 'the ramdisk of a simulated machine ends when it begins to write or erase' },
  'disk-failing': { value: 'on', effect: 'from its next power-on the disks answer every access with an I/O error' },
  'disk-lost': { value: 'number of the disk, from 1', effect: 'from its next power-on that disk is not there' },
};

/** True when a text names a fault. */
export function isFaultKind(kind: string): kind is FaultKind {
  return Object.hasOwn(faultKinds, kind);
}

/** The faults after one was set (or, with `off`, lifted). Throws `unknown-fault` or `bad-fault-value`. */
export function withFault(faults: Faults, kind: string, value: string | undefined): Faults {
  if (!isFaultKind(kind)) throw rackErrors.unknownFault(kind, Object.keys(faultKinds));
  const { [kind]: _, ...others } = faults;
  if (value === 'off') return others;
  switch (kind) {
    case 'bmc-dead': {
      const death = value === undefined || value === 'on' ? 'refuse' : deaths.find((one) => one === value);
      if (death === undefined) throw badValue(kind, value ?? '');
      return { ...others, 'bmc-dead': death };
    }
    case 'bmc-slow': {
      const ms = Number(value ?? 'nothing');
      if (!Number.isInteger(ms) || ms < 1 || ms > 3_600_000) throw badValue(kind, value ?? 'nothing');
      return { ...others, 'bmc-slow': ms };
    }
    case 'disk-lost': {
      const number = Number(value ?? 'nothing');
      if (!Number.isInteger(number) || number < 1) throw badValue(kind, value ?? 'nothing');
      return { ...others, 'disk-lost': number };
    }
    case 'clock-skew': {
      const seconds = Number(value ?? 'nothing');
      if (!Number.isInteger(seconds) || Math.abs(seconds) > 1e9) throw badValue(kind, value ?? 'nothing');
      return { ...others, 'clock-skew': seconds };
    }
    case 'bmc-busy':
    case 'power-stuck':
    case 'agent-dies':
    case 'link-down':
    case 'stuck-post':
    case 'disk-failing':
      if (value !== undefined && value !== 'on') throw badValue(kind, value);
      return { ...others, [kind]: switches[kind] };
    default:
      return kind satisfies never;
  }
}

function badValue(kind: FaultKind, value: string): Error {
  return rackErrors.badFaultValue(kind, value, faultKinds[kind].value);
}

/** The faults that are the machine's own, not its BMC's. */
export function machineFaults(faults: Faults): MachineFaults {
  return {
    linkDown: faults['link-down'] === true,
    stuckPost: faults['stuck-post'] === true,
    diskFailing: faults['disk-failing'] === true,
    agentDies: faults['agent-dies'] === true,
    lostDisk: faults['disk-lost'],
    clockSkewS: faults['clock-skew'] ?? 0,
  };
}

/** Faults for a person, for instance `bmc-slow=2000 link-down`. */
export function describeFaults(faults: Faults): string {
  return Object.entries(faults)
    .map(([kind, value]) => (value === true ? kind : `${kind}=${value}`))
    .join(' ');
}
