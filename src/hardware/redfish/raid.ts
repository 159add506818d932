// RAID volumes of a Redfish system: reading, creating and deleting them one after another.
import type { Raid, StepMemory, StepOutcome } from '../capabilities.ts';
import { HardwareError } from '../contract.ts';
import {
  type Drive,
  drivesFor,
  levelOf,
  type NewVolume,
  parseTarget,
  planVolume,
  type TargetDisk,
} from './raid-plan.ts';
import { lastSegment, member, numberOf, type Resource, references, textOf, textsOf } from './resource.ts';
import type { SystemAccess } from './system.ts';
import { begunSince, done, hasEnded, monitorOf, type StepCall, tasksOf, waiting } from './tasks.ts';

export interface CreateOptions {
  readonly root: boolean;
  readonly others: boolean;
  readonly deleteExisting: boolean;
}

export interface RedfishRaid extends Raid {
  create(target: unknown, options: CreateOptions, call: StepCall): Promise<StepOutcome>;
  deleteAll(call: StepCall): Promise<StepOutcome>;
}

interface Controller {
  readonly id: string;
  /** Path of the collection of volumes. */
  readonly volumes: string;
  readonly drives: readonly Drive[];
}

interface Volume {
  readonly path: string;
  readonly id: string;
  readonly name: string;
  readonly raidType: string;
  readonly sizeBytes: number;
  readonly drives: readonly string[];
  readonly controller: Controller;
}

export function redfishRaid({ client, read }: SystemAccess): RedfishRaid {
  const all = (paths: readonly string[]) => Promise.all(paths.map((path) => client.get(path)));

  async function controllers(): Promise<Controller[]> {
    const storage = textOf(member(await read(), 'Storage'), '@odata.id');
    if (storage === null) throw new HardwareError('unsupported', 'This BMC does not show storage controllers.');
    const found = await all(references(await client.get(storage)));
    return Promise.all(
      found.flatMap((one) => {
        const volumes = textOf(member(one, 'Volumes'), '@odata.id');
        const id = textOf(one, 'Id') ?? '';
        return volumes === null ? [] : [controllerOf(id, volumes, references(one.Drives))];
      }),
    );
  }

  async function controllerOf(id: string, volumes: string, paths: readonly string[]): Promise<Controller> {
    const drives = (await all(paths)).map((drive, index) => driveOf(drive, paths[index] ?? '', id));
    return { id, volumes, drives };
  }

  /** A volume of type RawDevice is a drive that is in no array. */
  async function volumes(of: readonly Controller[]): Promise<Volume[]> {
    const lists = await Promise.all(
      of.map(async (controller) => {
        const paths = references(await client.get(controller.volumes));
        return (await all(paths)).map((volume, index) => volumeOf(volume, paths[index] ?? '', controller));
      }),
    );
    return lists.flat().filter(({ raidType }) => raidType !== '');
  }

  /** Immediately where the controller can, else at the next restart (DSP0266, OperationApplyTime). */
  async function applyTime(collection: string): Promise<{ time: Resource; reboot: boolean }> {
    const support = textsOf(
      member(await client.get(collection), '@Redfish.OperationApplyTimeSupport'),
      'SupportedValues',
    );
    if (support.length === 0) return { time: {}, reboot: false };
    const immediate = support.includes('Immediate');
    return { time: { '@Redfish.OperationApplyTime': immediate ? 'Immediate' : 'OnReset' }, reboot: !immediate };
  }

  async function make(volume: NewVolume, collection: string, memory: StepMemory): Promise<StepOutcome> {
    const { time, reboot } = await applyTime(collection);
    const reply = await client.post(collection, {
      Name: volume.name,
      RAIDType: volume.raidType,
      ...(volume.sizeBytes === null ? {} : { CapacityBytes: volume.sizeBytes }),
      Links: { Drives: volume.drives.map((path) => ({ '@odata.id': path })) },
      ...time,
    });
    return waiting(
      `the controller makes volume ${volume.name}`,
      { ...memory, monitor: monitorOf(reply) },
      { reboot, afterMs: 1_000 },
    );
  }

  /** One volume less. */
  async function remove(volume: Volume): Promise<StepOutcome> {
    const { reboot } = await applyTime(volume.controller.volumes);
    const reply = await client.delete(volume.path);
    const memory = { stage: 'delete', monitor: monitorOf(reply) };
    return waiting(`the controller deletes volume ${volume.name}`, memory, { reboot, afterMs: 1_000 });
  }

  /**
   * Before anything is asked: is what was asked last over? Undefined when it is. A request that was cut off is known by its
   * task; where the service shows none, by the volumes, a moment later.
   */
  async function settle({ memory = {}, again = false }: StepCall): Promise<StepOutcome | undefined> {
    const { tasks, monitor, ...rest } = memory;
    if (again && tasks !== undefined) {
      const begun = await begunSince(client, tasks);
      if (begun === 'unknown') return waiting('the controller shows what it has done', rest, { afterMs: 10_000 });
      if (begun !== 'none') {
        const [controller] = await controllers();
        const reboot = controller !== undefined && (await applyTime(controller.volumes)).reboot;
        return waiting('the controller works on its volumes', { ...rest, monitor: begun }, { reboot, afterMs: 1_000 });
      }
    }
    if (typeof monitor !== 'string' || (await hasEnded(client, monitor))) return undefined;
    return waiting('the controller works on its volumes', memory);
  }

  /** Asks in a call of its own, after the tasks that are known already have been kept. */
  async function ask(memory: StepMemory, next: StepMemory, run: () => Promise<StepOutcome>): Promise<StepOutcome> {
    if (memory.tasks !== undefined) return run();
    return waiting('the volumes are to be changed', { ...next, tasks: await tasksOf(client) }, { afterMs: 0 });
  }

  return {
    async logicalDisks() {
      return (await volumes(await controllers())).map((volume) => ({
        id: volume.id,
        volume_name: volume.name,
        size_gb: Math.round(volume.sizeBytes / 2 ** 30),
        raid_level: levelOf(volume.raidType),
        controller: volume.controller.id,
        physical_disks: volume.drives.map((path) => lastSegment(path)),
      }));
    },

    async create(target, options, { memory = { stage: options.deleteExisting ? 'delete' : 'create' }, again }) {
      const disks = parseTarget(target).filter((disk) => (disk.is_root_volume ? options.root : options.others));
      const busy = await settle({ memory, again: again === true });
      if (busy) return busy;
      const known = await controllers();
      const present = await volumes(known);
      const [first] = present;
      if (memory.stage === 'delete' && first) return ask(memory, { stage: 'delete' }, () => remove(first));
      const missing = disks.map(namedDisk).find(({ name }) => !present.some((volume) => volume.name === name));
      if (!missing) return done;
      const sharing = disks.map(namedDisk).flatMap(({ disk, name }) => (disk.share_physical_disks ? [name] : []));
      const free = drivesFor(
        missing.disk,
        known.flatMap(({ drives }) => drives),
        present,
        sharing,
      );
      const plan = planVolume(missing.disk, missing.name, free);
      // A controller that says it is done and shows no such volume would be asked for ever.
      if (memory.made === missing.name)
        throw new HardwareError('refused', `The controller shows no volume ${missing.name} after it has made it.`);
      const collection = known.find(({ id }) => id === plan.controller)?.volumes ?? '';
      // What was noted before the last volume was deleted says nothing about this one.
      const noted = memory.stage === 'delete' ? {} : memory;
      return ask(noted, { stage: 'create' }, () => make(plan, collection, { stage: 'create', made: missing.name }));
    },

    async deleteAll({ memory = {}, again }) {
      const busy = await settle({ memory, again: again === true });
      if (busy) return busy;
      const [first] = await volumes(await controllers());
      return first ? ask(memory, {}, () => remove(first)) : done;
    },
  };
}

/** A volume without a name gets one from its place: by it a step that was cut off knows what it has made. */
function namedDisk(disk: TargetDisk, index: number): { disk: TargetDisk; name: string } {
  return { disk, name: disk.volume_name ?? `volume-${index + 1}` };
}

function driveOf(drive: Resource, path: string, controller: string): Drive {
  return {
    path,
    controller,
    id: textOf(drive, 'Id') ?? lastSegment(path),
    sizeBytes: numberOf(drive, 'CapacityBytes') ?? 0,
    mediaType: (textOf(drive, 'MediaType') ?? '').toLowerCase(),
    protocol: (textOf(drive, 'Protocol') ?? '').toLowerCase(),
  };
}

function volumeOf(volume: Resource, path: string, controller: Controller): Volume {
  const isRaw = textOf(volume, 'VolumeType') === 'RawDevice';
  return {
    path,
    controller,
    id: textOf(volume, 'Id') ?? lastSegment(path),
    name: textOf(volume, 'Name') ?? '',
    raidType: isRaw ? '' : (textOf(volume, 'RAIDType') ?? textOf(volume, 'VolumeType') ?? 'RAID0'),
    sizeBytes: numberOf(volume, 'CapacityBytes') ?? 0,
    drives: references(member(volume, 'Links').Drives),
  };
}
