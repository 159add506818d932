// Software RAID: makes arrays with mdadm, finds those that are there, takes them apart.
import { randomUUID } from 'node:crypto';
import { basename, join } from 'node:path';
import { writeTable } from '../../disk-layout/gpt.ts';
import { AgentError } from '../../errors.ts';
import { type Json, objectOf } from '../../parse.ts';
import type { Disk } from '../../protocol.ts';
import type { MachineStep } from '../machine.ts';
import { openBlockDevice } from './block-device.ts';
import { listArrays } from './disks.ts';
import { has, run } from './program.ts';
import { bootPartitions, type PlannedArray, planSoftwareRaid } from './raid-plan.ts';
import { names, read } from './sysfs.ts';

const mebibyte = 1 << 20;
const linuxRaid = 'A19D880F-05FC-4D3B-A006-743F0F84911E';
const isArray = (name: string) => /^md\d+$/.test(name);

type Log = (line: string) => void;

/** Ironic's steps for in-band RAID; `disks` are the physical ones. */
export function raidSteps(disks: () => Promise<readonly Disk[]>, log: Log): readonly MachineStep[] {
  return [
    {
      step: 'delete_configuration',
      interface: 'raid',
      priority: { clean: 0, deploy: 0 },
      abortable: true,
      async run() {
        await takeApart(await disks(), log);
        return null;
      },
    },
    {
      step: 'create_configuration',
      interface: 'raid',
      priority: { clean: 0, deploy: 0 },
      abortable: true,
      run: async (_args, node) => create(objectOf(node, 'target_raid_config') ?? {}, await disks(), log),
    },
    {
      // For deploy templates, which bring the configuration with them.
      step: 'apply_configuration',
      interface: 'raid',
      priority: { deploy: 0 },
      abortable: true,
      async run(args) {
        const target = objectOf(args, 'raid_config') ?? {};
        const found = await disks();
        planSoftwareRaid(target, found);
        if (args.delete_existing !== false) await takeApart(found, log);
        return create(target, found, log);
      },
    },
  ];
}

async function create(target: Json, disks: readonly Disk[], log: Log): Promise<Json> {
  const arrays = planSoftwareRaid(target, disks);
  await assemble(disks, log);
  for (const disk of disks) {
    if (await isMember(disk)) throw new AgentError('raid', `${disk.name} belongs to an array already`);
  }
  for (const disk of disks) await partition(disk, arrays);
  for (const array of arrays) {
    await run('mdadm', [
      ...['--create', array.device, '--run', '--force', '--metadata=1.0', `--level=${array.level}`],
      ...(array.level === '0' ? [] : ['--bitmap=internal']),
      ...[`--name=${array.name ?? basename(array.device)}`, '--homehost=any'],
      `--raid-devices=${array.disks.length}`,
      ...array.disks.map((disk) => partitionNode(disk, placeOn(disk, array, arrays))),
    ]);
  }
  return target;
}

/** Writes the partitions of the arrays that this disk belongs to. Throws AgentError `raid` when the disk is in use. */
async function partition(disk: Disk, arrays: readonly PlannedArray[]): Promise<void> {
  const own = arrays.filter((array) => array.disks.includes(disk.name));
  if (own.length === 0) return;
  const device = await openBlockDevice(disk.name, disk.size, disk.logical_sectors);
  try {
    const arrayParts = own.map(({ device: array, offsetBytes, sizeBytes }) => ({
      ...{ type: linuxRaid, name: basename(array), offsetBytes, sizeBytes },
    }));
    const partitions = [...bootPartitions, ...arrayParts].map((one) => ({
      ...{ ...one, guid: randomUUID().toUpperCase(), attributes: 0n },
    }));
    const table = { diskGuid: randomUUID().toUpperCase(), bootCode: Buffer.alloc(446), active: false, partitions };
    const bytes = writeTable(table, device.sizeBytes, device.sectorBytes);
    for (const { offsetBytes, sizeBytes } of partitions) {
      await device.zero(offsetBytes, mebibyte);
      await device.zero(offsetBytes + sizeBytes - mebibyte, mebibyte);
    }
    await device.write(bytes.backupOffsetBytes, bytes.backup);
    await device.write(0, bytes.primary);
    await device.sync();
    const problem = await device.rereadPartitions();
    if (problem) throw new AgentError('raid', `${disk.name} is in use`, { details: problem });
  } finally {
    await device.close();
  }
}

/** Which partition of a disk an array has: they are numbered in the order of the arrays, behind those that the disk starts from. */
function placeOn(disk: string, array: PlannedArray, arrays: readonly PlannedArray[]): number {
  return bootPartitions.length + arrays.filter(({ disks }) => disks.includes(disk)).indexOf(array) + 1;
}

function partitionNode(disk: string, number: number): string {
  return /\d$/.test(disk) ? `${disk}p${number}` : `${disk}${number}`;
}

/** Stops the arrays that this agent made and removes what would make one again; disks that were in none are left alone. */
export async function takeApart(disks: readonly Disk[], log: Log): Promise<void> {
  await assemble(disks, log);
  const members = new Set<string>();
  for (const disk of disks) {
    for (const member of await membersOn(basename(disk.name))) members.add(member);
  }
  for (const array of (await names('/sys/block')).filter(isArray)) await run('mdadm', ['--stop', `/dev/${array}`]);
  for (const member of members) await run('mdadm', ['--zero-superblock', '--force', `/dev/${member}`]);
  for (const disk of disks) {
    const name = basename(disk.name);
    if (![...members].some((member) => member.startsWith(name))) continue;
    const device = await openBlockDevice(disk.name, disk.size, disk.logical_sectors);
    try {
      await device.zero(0, mebibyte);
      await device.zero(Math.max(0, device.sizeBytes - mebibyte), mebibyte);
      await device.sync();
      await device.rereadPartitions();
    } finally {
      await device.close();
    }
  }
}

/**
 * Brings up the arrays that this agent made on these disks, known by the names of their partitions. Nothing else is assembled: what an
 * instance left behind must not come between its disks and the next image.
 */
export async function assemble(disks: readonly Disk[], log: Log): Promise<void> {
  const arrays = new Map<string, string[]>();
  for (const disk of disks) {
    for (const { array, node } of await ownPartitions(basename(disk.name))) {
      arrays.set(array, [...(arrays.get(array) ?? []), node]);
    }
  }
  if (arrays.size === 0 || !(await has('mdadm'))) return;
  const running = await names('/sys/block');
  for (const [array, nodes] of arrays) {
    if (running.includes(array)) continue;
    // Partitions without a superblock are what a creation that broke off leaves: then there is no array.
    await run('mdadm', ['--assemble', '--run', `/dev/${array}`, ...nodes]).then(
      () => takeBack(array, nodes, log),
      (error: unknown) => log(`array ${array} of ${nodes.join(', ')} was not brought up: ${String(error)}`),
    );
  }
}

/** A disk that was away for a while is of the array still, but left out of it: it catches up. Others than the array's own are refused. */
async function takeBack(array: string, nodes: readonly string[], log: Log): Promise<void> {
  const within = await names(join('/sys/block', array, 'slaves'));
  for (const node of nodes.filter((one) => !within.includes(basename(one)))) {
    await run('mdadm', ['--manage', `/dev/${array}`, '--re-add', node]).then(
      () => log(`${node} is back in ${array}`),
      (error: unknown) => log(`${node} stays out of ${array}: ${String(error)}`),
    );
  }
}

async function ownPartitions(disk: string): Promise<readonly { readonly array: string; readonly node: string }[]> {
  const found: { array: string; node: string }[] = [];
  for (const part of (await names(join('/sys/block', disk))).filter((name) => name.startsWith(disk))) {
    const array = arrayOfPartition((await read(join('/sys/block', disk, part, 'uevent'))) ?? '');
    if (array !== undefined) found.push({ array, node: `/dev/${part}` });
  }
  return found;
}

/** The array that a partition belongs to by its name, from the kernel's `uevent` of it. */
export function arrayOfPartition(uevent: string): string | undefined {
  return /^PARTNAME=(md\d+)$/m.exec(uevent)?.[1];
}

/** The kernel names of a disk and its partitions that belong to an array. */
async function membersOn(disk: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const part of [disk, ...(await names(join('/sys/block', disk))).filter((name) => name.startsWith(disk))]) {
    const folder = part === disk ? join('/sys/block', disk) : join('/sys/block', disk, part);
    if ((await names(join(folder, 'holders'))).some(isArray)) found.push(part);
  }
  return found;
}

/**
 * What can be written to: arrays stand for the disks that they are made of, also for the only one that is left. `kernel` is what is asked of
 * it, or a stand-in in tests.
 */
export async function writableDisks(
  physical: readonly Disk[],
  log: Log,
  kernel = { assemble, isMember, listArrays },
): Promise<readonly Disk[]> {
  await kernel.assemble(physical, log);
  const free: Disk[] = [];
  for (const disk of physical) if (!(await kernel.isMember(disk))) free.push(disk);
  return [...free, ...(await kernel.listArrays())];
}

/** Whether a disk gives its bytes to an array, and so is not to be written to itself. */
export async function isMember(disk: Disk): Promise<boolean> {
  return (await membersOn(basename(disk.name))).length > 0;
}

/** The disks that have a partition for this array, in it now or not; none for what is no array. */
export async function membersOf(array: string, disks: readonly Disk[]): Promise<readonly Disk[]> {
  const found: Disk[] = [];
  for (const disk of disks) {
    const own = await ownPartitions(basename(disk.name));
    if (own.some((one) => one.array === basename(array))) found.push(disk);
  }
  return found;
}
