// Chooses the drives of RAID volumes: pure, so that every choice can be tested without a BMC.
import { type Static, Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { HardwareError } from '../contract.ts';

/** Ironic's RAID level -> Redfish's RAIDType, fewest drives, and how many of `n` hold data. */
const levels = {
  '0': { type: 'RAID0', fewest: 1, data: (n: number) => n },
  '1': { type: 'RAID1', fewest: 2, data: () => 1 },
  '5': { type: 'RAID5', fewest: 3, data: (n: number) => n - 1 },
  '6': { type: 'RAID6', fewest: 4, data: (n: number) => n - 2 },
  '1+0': { type: 'RAID10', fewest: 4, data: (n: number) => Math.floor(n / 2) },
  '5+0': { type: 'RAID50', fewest: 6, data: (n: number) => n - 2 },
  '6+0': { type: 'RAID60', fewest: 8, data: (n: number) => n - 4 },
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

/**
 * The volume for one logical disk out of the drives that are free: all of one controller, type and size, the smallest
 * that do. Throws `misconfigured` that says how many drives fit.
 */
export function planVolume(wanted: TargetDisk, name: string, free: readonly Drive[]): NewVolume {
  const level = levels[wanted.raid_level];
  const named = wanted.physical_disks;
  const count = named?.length ?? wanted.number_of_physical_disks ?? level.fewest;
  if (count < level.fewest)
    throw new HardwareError(
      'misconfigured',
      `RAID ${wanted.raid_level} needs ${level.fewest} drives, ${count} are given.`,
    );
  const sizeBytes = wanted.size_gb === 'MAX' ? null : Math.round(wanted.size_gb * 2 ** 30);
  const eachBytes = sizeBytes === null ? 0 : Math.ceil(sizeBytes / level.data(count));
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
