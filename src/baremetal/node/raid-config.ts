// The RAID configuration that a node is wanted to have: what Ironic's generic RAID schema lets it say.
import { type Static, Type } from '@sinclair/typebox';
import { errors } from '../errors.ts';

const one = (names: readonly string[]) => Type.Union(names.map((name) => Type.Literal(name)));
const strict = { additionalProperties: false } as const;

const logicalDisk = Type.Object(
  {
    size_gb: Type.Union([Type.Integer({ minimum: 0 }), Type.Literal('MAX')]),
    raid_level: one(['JBOD', '0', '1', '2', '5', '6', '1+0', '5+0', '6+0']),
    volume_name: Type.Optional(Type.String()),
    is_root_volume: Type.Optional(Type.Boolean()),
    share_physical_disks: Type.Optional(Type.Boolean()),
    disk_type: Type.Optional(one(['hdd', 'ssd'])),
    interface_type: Type.Optional(one(['sata', 'scsi', 'sas'])),
    number_of_physical_disks: Type.Optional(Type.Integer({ minimum: 1 })),
    controller: Type.Optional(Type.String()),
    physical_disks: Type.Optional(
      Type.Array(Type.Union([Type.String(), Type.Record(Type.String(), Type.Unknown())]), { minItems: 1 }),
    ),
    span_depth: Type.Optional(Type.Integer({ minimum: 1 })),
    span_length: Type.Optional(Type.Integer({ minimum: 1 })),
  },
  strict,
);

/** An empty one takes the wanted configuration away. */
export const raidSchema = Type.Union([
  Type.Object({ logical_disks: Type.Array(logicalDisk, { minItems: 1 }) }, strict),
  Type.Object({}, strict),
]);

/** Throws 400 for what the schema cannot say: two root volumes, disks without the controller that knows them. */
export function refuseRaid(wanted: Static<typeof raidSchema>): void {
  const disks = 'logical_disks' in wanted ? wanted.logical_disks : [];
  const roots = disks.filter((disk) => disk.is_root_volume).length;
  if (roots > 1) throw errors.Invalid(`A RAID configuration has one root volume at the most, not ${roots}.`);
  if (disks.some((disk) => disk.physical_disks && disk.controller === undefined))
    throw errors.Invalid('Where physical_disks are named, their controller must be named too.');
}
