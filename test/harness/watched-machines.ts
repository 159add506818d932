// Simulated machines of the rack, each with a real Redfish BMC and the real deploy agent, that tell what was done to them.
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Bmc, BmcServer } from '../../src/rack/bmc/index.ts';
import { factoryVersions } from '../../src/rack/bmc/update-service.ts';
import { machineFaults, withFault } from '../../src/rack/faults/index.ts';
import { rackFolder } from '../../src/rack/folder.ts';
import { delayProfiles, SimulatedMachine } from '../../src/rack/machine/index.ts';
import { defaultRackOptions, rackSpec } from '../../src/rack/spec.ts';

export interface WatchedMachine {
  readonly uuid: string;
  readonly mac: string;
  /** What bare metal is told to reach the BMC. */
  readonly driverInfo: Readonly<Record<string, string>>;
  /** What changed the machine: by its BMC, in order, then by its ramdisk, in order. */
  history(): readonly string[];
  /** Begins its history anew, on the firmware of the factory: written again, the same version would tell of something else. */
  forget(): void;
  /** Sets or (`off`) lifts a fault of the rack's table. */
  fault(kind: string, value?: string): Promise<void>;
}

export interface WatchedMachines {
  readonly machines: readonly WatchedMachine[];
  close(): Promise<void>;
}

class WatchedBmc extends Bmc {
  readonly done: string[] = [];

  override reset(type: Parameters<Bmc['reset']>[0]): Promise<void> {
    this.done.push(`reset ${type}`);
    return super.reset(type);
  }

  override change(next: Parameters<Bmc['change']>[0]): void {
    if (next.volumes) this.done.push(`volumes ${next.volumes.map(({ name }) => name).join(' ')}`);
    if (next.versions) this.done.push(`firmware ${Object.values(next.versions).join(' ')}`);
    if (next.biosPending) this.done.push(`BIOS ${Object.keys(next.biosPending).length} settings`);
    super.change(next);
  }
}

/** Commands of the agent that change something, by its log. */
const command = /(?<= )(?!\S+\.get_|log\.)\S+\.\S+(?= started$)/gm;

/** Machines of three disks that boot from `bootUrl`, the machines' listener. */
export async function watchedMachines(count: number, bootUrl: string): Promise<WatchedMachines> {
  const data = mkdtempSync(join(tmpdir(), 'undercloud-machines-'));
  const spec = rackSpec({ ...defaultRackOptions, kind: 'simulated', machines: count, disks: 3 });
  const closers: (() => Promise<unknown>)[] = [];
  const machines: WatchedMachine[] = [];
  for (const one of spec.machines) {
    const folder = rackFolder(data).machine(one.name);
    mkdirSync(folder.path, { recursive: true });
    const around = { spec: one, folder, delays: delayProfiles.none, bootUrl };
    const report = (error: unknown): void => void bmc.done.push(`fault of the BMC: ${String(error)}`);
    const bmc: WatchedBmc = new WatchedBmc(
      { spec: one, folder, now: () => new Date(), report },
      (board, faults) => new SimulatedMachine(board, around, machineFaults(faults)),
    );
    await bmc.start();
    const server = new BmcServer(bmc, 0, report);
    await server.open();
    closers.push(async () => {
      await server.close();
      await bmc.machine.forceOff();
    });
    const log = () => {
      try {
        return readFileSync(folder.consoleLog, 'utf8');
      } catch {
        // Nothing has run on it yet.
        return '';
      }
    };
    let told = 0;
    machines.push({
      uuid: one.uuid,
      mac: one.nics[0]?.mac ?? '',
      driverInfo: {
        redfish_address: server.url,
        redfish_system_id: '/redfish/v1/Systems/1',
        redfish_username: one.bmc.username,
        redfish_password: one.bmc.password,
      },
      history: () => [...bmc.done, ...(log().slice(told).match(command) ?? [])],
      forget: () => {
        bmc.change({ versions: factoryVersions });
        bmc.done.length = 0;
        told = log().length;
      },
      async fault(kind, value) {
        await bmc.setFaults(withFault(bmc.state.faults, kind, value));
        await server.followFaults();
      },
    });
  }
  return {
    machines,
    close: async () => {
      await Promise.all(closers.map((close) => close()));
      rmSync(data, { recursive: true, force: true });
    },
  };
}
