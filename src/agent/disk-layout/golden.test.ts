// Where the partitions of a golden image end up on real disks.
import { expect, it } from 'vitest';
import { type GoldenRequest, planGolden } from './golden.ts';
import type { Partition, PartitionTable } from './gpt.ts';

const mib = 1 << 20;
const part = (name: string, offset: number, size: number): Partition => ({
  type: '0FC63DAF-8483-4772-8E79-3D69D8477DE4',
  guid: `${name}-guid`,
  name,
  offsetBytes: offset * mib,
  sizeBytes: size * mib,
  attributes: 0n,
});
const image: PartitionTable = {
  diskGuid: 'disk',
  bootCode: Buffer.alloc(446),
  active: false,
  partitions: [part('bios', 1, 1), part('esp', 2, 62), part('root-a', 64, 400)],
};
const request: GoldenRequest = {
  image,
  diskBytes: 2048 * mib,
  existing: undefined,
  keepState: false,
  configDriveBytes: 60_000,
  newGuid: () => 'fresh',
};
const places = (r: GoldenRequest) =>
  planGolden(r).table.partitions.map((p) => [p.name, p.offsetBytes / mib, p.sizeBytes / mib]);

it('adds root B behind root A, state to the end and the config drive last', () => {
  expect(places(request)).toEqual([
    ['bios', 1, 1],
    ['esp', 2, 62],
    ['root-a', 64, 400],
    ['root-b', 464, 400],
    ['state', 864, 1167],
    ['config-2', 2031, 16],
  ]);
  expect(planGolden(request).imageEndBytes).toBe(464 * mib);
});

it('takes root B and the start of state from an image that has them', () => {
  const full = { ...image, partitions: [...image.partitions, part('root-b', 500, 400), part('state', 1000, 10)] };
  expect(places({ ...request, image: full }).slice(3)).toEqual([
    ['root-b', 500, 400],
    ['state', 1000, 1031],
    ['config-2', 2031, 16],
  ]);
});

it('keeps an earlier state partition in its place when asked', () => {
  const existing = { ...image, partitions: [part('state', 1000, 500)] };
  const plan = planGolden({ ...request, existing, keepState: true });
  expect(plan.stateKept).toBe(true);
  expect(plan.state).toEqual(existing.partitions[0]);
  expect(plan.configDrive.offsetBytes).toBe(1500 * mib);
});

it('refuses an image that would overwrite the state to be kept', () => {
  const existing = { ...image, partitions: [part('state', 800, 500)] };
  expect(() => planGolden({ ...request, existing, keepState: true })).toThrow("inside this image's root B");
});

it('says how large a disk must be when this one is too small', () => {
  expect(() => planGolden({ ...request, diskBytes: 900 * mib })).toThrow(`the image needs ${945 * mib}`);
});

it('refuses an image without root A', () => {
  expect(() => planGolden({ ...request, image: { ...image, partitions: [] } })).toThrow('no partition named root-a');
});
