// Chooses the drives of RAID volumes: pure, so that every choice can be tested without a BMC.
import { type Static, Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { HardwareError } from '../contract.ts';

/** Ironic's RAID level -> Redfish's RAIDType, fewest drives, and how many of `n` in so many spans hold data. */
const levels = {
  '0': { type: 'RAID0', fewest: 1, data: (n: number) => n },
  '1': { type: 'RAID1', fewest: 2, data: () => 1 },
  '5': { type: 'RAID5', fewest: 3, data: (n: number) => n - 1 },
  '6': { type: 'RAID6', fewest: 4, data: (n: number) => n - 2 },
  '1+0': { type: 'RAID10', fewest: 4, data: (n: number) => Math.floor(n / 2) },
  '5+0': { type: 'RAID50', fewest: 6, data: (n: number, spans: number) => n - spans },
  '6+0': { type: 'RAID60', fewest: 8, data: (n: number, spans: number) => n - 2 * spans },
} as const;
type Level = keyof typeof levels;
const levelNames: readonly Level[] = ['0', '1', '5', '6', '1+0', '5+0', '6+0'];

/** Ironic's name of a RAIDType; Redfish's own where Ironic has none. */
export const levelOf = (raidType: string): string =>
  levelNames.find((name) => levels[name].type === raidType) ?? raidType;

const LogicalDisk = Type.Object({
  size_gb: Type.Union([Type.Number({ exclusiveMinimum: 0 }), Type.Literal('MAX')]),
  raid_level: Type.Union(levelNames.map((name) => Type.Literal(name))),
  is_root_volume: Type.Optional(Type.Boolean()),
  volume_name: Type.Optional(Type.String()),
  controller: Type.Optional(Type.String()),
  disk_type: Type.Optional(Type.Union([Type.Literal('hdd'), Type.Literal('ssd')])),
  interface_type: Type.Optional(Type.String()),
  number_of_physical_disks: Type.Optional(Type.Integer({ minimum: 1 })),
  physical_disks: Type.Optional(Type.Array(Type.String())),
  /** Other volumes that say so may lie on the same drives. */
  share_physical_disks: Type.Optional(Type.Boolean()),
  /** How many spans the volume has, and how many drives each. */
  span_depth: Type.Optional(Type.Integer({ minimum: 1 })),
  span_length: Type.Optional(Type.Integer({ minimum: 1 })),
});
export const TargetRaid = Type.Object({ logical_disks: Type.Array(LogicalDisk) });
export type TargetDisk = Static<typeof LogicalDisk>;

export interface Drive {
  readonly path: string;
  readonly id: string;
  readonly controller: string;
  readonly sizeBytes: number;
  /** Lower case: hdd, ssd. */
  readonly mediaType: string;
  /** Lower case: sas, sata, nvme. */
  readonly protocol: string;
}

export interface NewVolume {
  readonly name: string;
  readonly raidType: string;
  readonly controller: string;
  readonly drives: readonly string[];
  /** Null: all there is. */
  readonly sizeBytes: number | null;
}

/** The logical disks of a `target_raid_config`. Throws `misconfigured` with the place that is wrong. */
export function parseTarget(target: unknown): readonly TargetDisk[] {
  if (Value.Check(TargetRaid, target)) return target.logical_disks;
  const [first] = [...Value.Errors(TargetRaid, target)];
  throw new HardwareError(
    'misconfigured',
    `target_raid_config cannot be used: ${first ? `${first.path || 'it'}: ${first.message}` : 'it is empty'}.`,
    { hint: 'Set the target RAID configuration of the node anew.' },
  );
}

/** How many drives it takes. Throws `misconfigured` where what is said of them does not agree, or has no place in the level. */
function driveCount({ raid_level: level, ...wanted }: TargetDisk): number {
  const { span_depth: depth, span_length: length, number_of_physical_disks: number, physical_disks: named } = wanted;
  if (depth === undefined && length === undefined) return named?.length ?? number ?? levels[level].fewest;
  if (!level.endsWith('+0'))
    throw new HardwareError(
      'misconfigured',
      `RAID ${level} has no spans: span_depth and span_length are for 1+0, 5+0 and 6+0.`,
    );
  const spans = depth ?? 2;
  const given = named?.length ?? number;
  const each = length ?? (given ?? levels[level].fewest) / spans;
  if (!Number.isInteger(each) || (given !== undefined && given !== spans * each)) {
    throw new HardwareError(
      'misconfigured',
      `${given ?? 'The'} drives do not make ${spans} spans of ${each} drives each.`,
    );
  }
  return spans * each;
}

/** A volume that is there already. */
export interface Present {
  readonly name: string;
  readonly raidType: string;
  readonly sizeBytes: number;
  readonly drives: readonly string[];
}

/** The drives that a volume may lie on, with the room they have: free ones, and where it shares, those of others that do. */
export function drivesFor(
  wanted: TargetDisk,
  all: readonly Drive[],
  present: readonly Present[],
  sharing: readonly string[],
): Drive[] {
  const closed = present.filter(({ name }) => wanted.share_physical_disks !== true || !sharing.includes(name));
  const taken = new Set(closed.flatMap(({ drives }) => drives));
  return all
    .filter(({ path }) => !taken.has(path))
    .map((drive) => {
      const on = present.filter(({ drives }) => drives.includes(drive.path));
      return { ...drive, sizeBytes: on.reduce((left, volume) => left - eachOf(volume), drive.sizeBytes) };
    });
}

/** What a volume takes of each of its drives. */
function eachOf({ raidType, sizeBytes, drives }: Present): number {
  const level = levelNames.find((name) => levels[name].type === raidType);
  return Math.ceil(sizeBytes / Math.max(1, level ? levels[level].data(drives.length, 2) : drives.length));
}

/**
 * The volume for one logical disk out of the drives that are free: all of one controller, type and size, the smallest
 * that do. Throws `misconfigured` that says how many drives fit.
 */
export function planVolume(wanted: TargetDisk, name: string, free: readonly Drive[]): NewVolume {
  const level = levels[wanted.raid_level];
  const named = wanted.physical_disks;
  const spans = wanted.span_depth ?? 2;
  const count = driveCount(wanted);
  if (count < level.fewest)
    throw new HardwareError(
      'misconfigured',
      `RAID ${wanted.raid_level} needs ${level.fewest} drives, ${count} are given.`,
    );
  const sizeBytes = wanted.size_gb === 'MAX' ? null : Math.round(wanted.size_gb * 2 ** 30);
  const eachBytes = sizeBytes === null ? 0 : Math.ceil(sizeBytes / level.data(count, spans));
  const fitting = free.filter(
    (drive) =>
      drive.sizeBytes >= eachBytes &&
      (named === undefined || named.includes(drive.id) || named.includes(drive.path)) &&
      (wanted.controller === undefined || wanted.controller === drive.controller) &&
      (wanted.disk_type === undefined || wanted.disk_type === drive.mediaType) &&
      (wanted.interface_type === undefined || wanted.interface_type === drive.protocol),
  );
  const groups = new Map<string, Drive[]>();
  for (const drive of fitting) {
    // Drives that a person names may differ in size; those chosen here may not.
    const key = JSON.stringify([drive.controller, drive.mediaType, drive.protocol, named ? 0 : drive.sizeBytes]);
    groups.set(key, [...(groups.get(key) ?? []), drive]);
  }
  const group = [...groups.values()]
    .filter((drives) => drives.length >= count)
    .sort(([a], [b]) => (a?.sizeBytes ?? 0) - (b?.sizeBytes ?? 0))[0];
  const [first] = group ?? [];
  if (!group || !first) {
    throw new HardwareError(
      'misconfigured',
      `Volume ${name} (RAID ${wanted.raid_level}) needs ${count} like drives of one controller${eachBytes > 0 ? ` with ${Math.ceil(eachBytes / 2 ** 30)} GiB each` : ''}; ${fitting.length} of ${free.length} free drives fit.`,
      { hint: 'Change target_raid_config, or delete volumes that hold the drives.' },
    );
  }
  return {
    name,
    raidType: level.type,
    controller: first.controller,
    drives: group.slice(0, count).map(({ path }) => path),
    sizeBytes,
  };
}
