// RAID volumes of a machine without real disks: made of its drives, each drive in one array at most.
import { Type } from '@sinclair/typebox';
import type { Bmc } from './bmc.ts';
import { checkProperties } from './body.ts';
import { drivePath, storage } from './inventory.ts';
import { fault } from './messages.ts';
import { collection, links, resource } from './resources.ts';
import { type Answer, ok, type RedfishRequest } from './router.ts';
import type { RaidVolume } from './state.ts';
import { accepted } from './tasks.ts';

const volumes = `${storage}/Volumes`;
const volumePath = (id: string): string => `${volumes}/${id}`;

/** RAIDType -> fewest drives, and how many of `n` hold data. */
const raidTypes: Readonly<Record<string, { fewest: number; data: (n: number) => number }>> = {
  RAID0: { fewest: 1, data: (n) => n },
  RAID1: { fewest: 2, data: () => 1 },
  RAID5: { fewest: 3, data: (n) => n - 1 },
  RAID6: { fewest: 4, data: (n) => n - 2 },
  RAID10: { fewest: 4, data: (n) => Math.floor(n / 2) },
};

/** Real guests keep the disks they have: their controller makes no arrays. */
const hasRaid = (bmc: Bmc): boolean => bmc.machine.kind === 'simulated';
const arrays = (bmc: Bmc): readonly RaidVolume[] => bmc.state.volumes ?? [];

/** Drives that are in no array, each shown as a volume of its own. */
function rawDrives(bmc: Bmc): number[] {
  const taken = new Set(arrays(bmc).flatMap(({ drives }) => drives));
  return bmc.spec.disks.map((_, index) => index).filter((index) => !taken.has(index));
}

export const listVolumes = (bmc: Bmc): Answer =>
  ok({
    ...collection(volumes, 'VolumeCollection', 'Volumes', [
      ...arrays(bmc).map(({ id }) => volumePath(id)),
      ...rawDrives(bmc).map((index) => volumePath(`Disk${index}`)),
    ]),
    ...(hasRaid(bmc)
      ? {
          '@Redfish.OperationApplyTimeSupport': {
            '@odata.type': '#Settings.v1_3_0.OperationApplyTimeSupport',
            SupportedValues: ['Immediate'],
          },
        }
      : {}),
  });

export function getVolume(bmc: Bmc, request: RedfishRequest): Answer {
  if (request.path.id !== '1') throw fault('ResourceMissingAtURI', [request.uri]);
  const health = { State: 'Enabled', Health: bmc.state.faults['disk-failing'] ? 'Critical' : 'OK' };
  const array = arrays(bmc).find(({ id }) => id === request.path.disk);
  if (array) {
    return ok({
      ...resource(volumePath(array.id), 'Volume.v1_5_0.Volume', array.id, array.name),
      CapacityBytes: array.sizeBytes,
      RAIDType: array.raidType,
      BlockSizeBytes: 512,
      Status: health,
      Links: { Drives: links(array.drives.map(drivePath)) },
    });
  }
  const index = rawDrives(bmc).find((one) => `Disk${one}` === request.path.disk);
  if (index === undefined) throw fault('ResourceMissingAtURI', [request.uri]);
  return ok({
    ...resource(volumePath(`Disk${index}`), 'Volume.v1_5_0.Volume', `Disk${index}`, `Disk ${index}`),
    CapacityBytes: bmc.spec.disks[index]?.sizeBytes ?? 0,
    VolumeType: 'RawDevice',
    BlockSizeBytes: 512,
    Status: health,
    Links: { Drives: links([drivePath(index)]) },
  });
}

const NewVolume = Type.Object(
  {
    Name: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
    RAIDType: Type.Union(Object.keys(raidTypes).map((name) => Type.Literal(name))),
    CapacityBytes: Type.Optional(Type.Integer({ minimum: 1 })),
    Links: Type.Object({ Drives: Type.Array(Type.Object({ '@odata.id': Type.String() }), { minItems: 1 }) }),
    '@Redfish.OperationApplyTime': Type.Optional(Type.Literal('Immediate')),
  },
  { additionalProperties: false },
);

export function createVolume(bmc: Bmc, request: RedfishRequest): Answer {
  if (request.path.id !== '1') throw fault('ResourceMissingAtURI', [request.uri]);
  if (!hasRaid(bmc)) throw fault('OperationNotAllowed', [], { Allow: 'GET' });
  const wanted = checkProperties(NewVolume, request.body, {});
  const drives = wanted.Links.Drives.map((one) => rawDrives(bmc).find((raw) => drivePath(raw) === one['@odata.id']));
  if (drives.includes(undefined) || new Set(drives).size < drives.length)
    throw fault('ResourceCannotBeUsed', ['a drive is in an array already, named twice or not there']);
  const indexes = drives.filter((index) => index !== undefined);
  const level = raidTypes[wanted.RAIDType];
  if (!level || indexes.length < level.fewest)
    throw fault('ResourceCannotBeUsed', [`${wanted.RAIDType} needs ${level?.fewest} drives`]);
  const smallest = Math.min(...indexes.map((index) => bmc.spec.disks[index]?.sizeBytes ?? 0));
  const room = smallest * level.data(indexes.length);
  if ((wanted.CapacityBytes ?? 0) > room) throw fault('ResourceCannotBeUsed', [`the drives hold ${room} bytes`]);
  const id = `Array${Math.max(0, ...arrays(bmc).map((one) => Number(one.id.slice(5)))) + 1}`;
  const made: RaidVolume = {
    id,
    name: wanted.Name ?? id,
    raidType: wanted.RAIDType,
    sizeBytes: wanted.CapacityBytes ?? room,
    drives: indexes,
  };
  return accepted(bmc.tasks.begin('Create volume', () => bmc.change({ volumes: [...arrays(bmc), made] })));
}

export function deleteVolume(bmc: Bmc, request: RedfishRequest): Answer {
  const { id, disk } = request.path;
  if (id !== '1' || !arrays(bmc).some((one) => one.id === disk)) throw fault('ResourceMissingAtURI', [request.uri]);
  return accepted(
    bmc.tasks.begin('Delete volume', () => bmc.change({ volumes: arrays(bmc).filter((one) => one.id !== disk) })),
  );
}
