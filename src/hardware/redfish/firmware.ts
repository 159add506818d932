// Firmware of a Redfish machine: its versions, and updating it from an image that the BMC fetches (UpdateService.SimpleUpdate).
import type { Firmware, FirmwareComponent, StepMemory, StepOutcome } from '../capabilities.ts';
import { HardwareError } from '../contract.ts';
import { checkDigest } from './firmware-digest.ts';
import { quirksOf } from './quirks.ts';
import { lastSegment, member, type Resource, references, textOf } from './resource.ts';
import { action, type SystemAccess } from './system.ts';
import { begunSince, done, hasEnded, monitorOf, type StepCall, tasksOf, waiting } from './tasks.ts';

export interface WantedFirmware {
  /** Undefined: the BMC finds out of the image what it is for. */
  readonly component?: string;
  readonly url: string;
  /** Digest that the image must have, in hexadecimal. */
  readonly checksum?: string;
  /** Pause after it was written and taken into use, seconds. */
  readonly wait?: number;
}

export interface RedfishFirmware extends Firmware {
  update(wanted: readonly WantedFirmware[], call: StepCall): Promise<StepOutcome>;
}

/** A BMC that has updated itself restarts and is away meanwhile: this many looks of ten seconds. */
const absence = { looks: 60, afterMs: 10_000 };

/** States of a service that answers an update without a task and tells how it goes in a member of its own. */
const busyStates: readonly string[] = ['Uploading', 'Verifying', 'Writing', 'Updating'];

export function redfishFirmware(system: SystemAccess): RedfishFirmware {
  const { client } = system;

  async function service(): Promise<{ path: string; body: Resource }> {
    const path = textOf(member(await client.get('/redfish/v1'), 'UpdateService'), '@odata.id');
    if (path === null) throw new HardwareError('unsupported', 'This BMC does not update firmware.');
    return { path, body: await client.get(path) };
  }

  async function begin(wanted: WantedFirmware, index: number): Promise<StepOutcome> {
    const { url } = wanted;
    const { path, body } = await service();
    const { target } = action(body, 'UpdateService.SimpleUpdate', '', path);
    const reply = await client.post(target, {
      ImageURI: url,
      TransferProtocol: new URL(url).protocol.replace(':', '').toUpperCase(),
    });
    const memory = { index, monitor: monitorOf(reply), looks: 0 };
    return updating(wanted, memory, reply.retryAfterMs ?? 10_000);
  }

  const updating = (wanted: WantedFirmware, memory: StepMemory, afterMs = 10_000) =>
    waiting(`the BMC updates the firmware ${named(wanted)}`, memory, { afterMs });

  /** After a request that was cut off: firmware is not written a second time unless the BMC shows that it has not begun. */
  async function findOut(current: WantedFirmware, memory: StepMemory, index: number): Promise<StepOutcome> {
    const begun = await begunSince(client, memory.tasks);
    if (begun === 'none') return begin(current, index);
    if (begun !== 'unknown') return updating(current, { index, monitor: begun, looks: 0 }, 1_000);
    const state = await updateState();
    if (state !== null && busyStates.includes(state)) return updating(current, { index, monitor: null, looks: 0 });
    throw new HardwareError(
      'refused',
      `The server stopped while it asked for the update of the firmware ${named(current)}, and the BMC does not tell whether it has begun.`,
      { hint: "Compare the node's firmware versions, then ask for the updates that are missing." },
    );
  }

  /** What a service tells in a member of its own; null where it has none. */
  async function updateState(): Promise<string | null> {
    const { updateState: place = [] } = quirksOf(await system.read());
    const name = place.at(-1);
    return name === undefined ? null : textOf(member((await service()).body, ...place.slice(0, -1)), name);
  }

  async function isOver(monitor: unknown): Promise<boolean> {
    if (typeof monitor === 'string') return hasEnded(client, monitor);
    const state = await updateState();
    if (state === 'Error') throw new HardwareError('refused', 'The BMC says that the firmware update failed.');
    return state === null || !busyStates.includes(state);
  }

  return {
    async components() {
      const found: FirmwareComponent[] = [];
      const of = await system.read();
      const bios = textOf(of, 'BiosVersion');
      if (bios !== null) found.push({ component: 'bios', version: bios });
      for (const path of references(member(of, 'Links').ManagedBy)) {
        const version = textOf(await client.get(path), 'FirmwareVersion');
        if (version !== null) found.push({ component: 'bmc', version });
      }
      return found;
    },

    async update(wanted, { memory, again = false }) {
      const index = Number(memory?.index ?? 0);
      const current = wanted[index];
      if (!current) return done;
      if (memory?.tasks === undefined && memory?.monitor === undefined) {
        if (current.checksum !== undefined) await checkDigest(current.url, current.checksum);
        const tasks = await tasksOf(client);
        return waiting(`the firmware ${named(current)} is to be updated`, { index, tasks }, { afterMs: 0 });
      }
      if (memory.monitor === undefined) return again ? findOut(current, memory, index) : begin(current, index);
      const looks = Number(memory.looks ?? 0);
      try {
        if (!(await isOver(memory.monitor))) return updating(current, { ...memory, looks: 0 });
      } catch (error) {
        const away = error instanceof HardwareError && (error.kind === 'unreachable' || error.kind === 'timeout');
        if (!away || looks >= absence.looks) throw error;
        return waiting('the BMC restarts with its new firmware', { ...memory, looks: looks + 1 }, absence);
      }
      // Firmware of the machine is in force only after a restart; a BMC restarts by itself.
      const reboot = current.component !== 'bmc';
      const afterMs = (current.wait ?? 0) * 1000;
      return waiting(`the firmware ${named(current)} is written`, { index: index + 1 }, { afterMs, reboot });
    },
  };
}

const named = ({ component, url }: WantedFirmware): string =>
  component === undefined ? lastSegment(new URL(url).pathname) : `of ${component}`;
