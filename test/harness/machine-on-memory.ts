// A machine with a real Redfish BMC whose power switch starts the real deploy agent, on memory instead of a disk.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DeployAgent, startDeployAgent, systemClock } from '../../src/agent/deploy/index.ts';
import { memoryMachine, type Written } from '../../src/baremetal/testing/memory-machine.ts';
import { Bmc, BmcServer } from '../../src/rack/bmc/index.ts';
import { machineFaults } from '../../src/rack/faults/index.ts';
import { rackFolder } from '../../src/rack/folder.ts';
import { type Board, delayProfiles, type PowerState, SimulatedMachine } from '../../src/rack/machine/index.ts';
import { defaultRackOptions, rackSpec } from '../../src/rack/spec.ts';

export interface MachineOnMemory {
  readonly mac: string;
  /** What the bare-metal service is told to reach the BMC. */
  readonly driverInfo: Readonly<Record<string, string>>;
  /** What was done to the machine, in order: power, boots, writes, how its ramdisk ended. */
  history(): readonly string[];
  forget(): void;
  close(): Promise<void>;
}

/** The agent calls `machinesUrl`, the listener of the server on the provisioning network. */
export async function machineOnMemory(machinesUrl: string): Promise<MachineOnMemory> {
  const data = mkdtempSync(join(tmpdir(), 'undercloud-bmc-'));
  const [spec] = rackSpec({ ...defaultRackOptions, machines: 1, delays: delayProfiles.none }).machines;
  const mac = spec?.nics[0]?.mac;
  if (!spec || mac === undefined) throw new Error('a rack of one machine has none with a NIC');
  const folder = rackFolder(data).machine(spec.name);
  const history: string[] = [];
  const record = { push: (...entries: string[]) => history.push(...entries) };
  const written: Written[] = [];
  let agent: Promise<DeployAgent> | undefined;

  async function stopAgent(): Promise<void> {
    const running = agent;
    agent = undefined;
    await (await running)?.stop();
  }
  const inside = memoryMachine({ mac, effects: history, written, left: history, end: stopAgent });
  const machine: typeof inside = {
    ...inside,
    async writeImage(request, report) {
      record.push('write the image');
      return inside.writeImage(request, report);
    },
  };
  async function powerChanged(state: PowerState): Promise<void> {
    if (state === 'On') {
      record.push('power on');
      agent ??= startDeployAgent({
        apiUrl: machinesUrl,
        machine,
        clock: { ...systemClock, sleep: (ms, signal) => systemClock.sleep(Math.min(ms, 200), signal) },
        listen: { host: '0.0.0.0', port: 0 },
        log: () => undefined,
      });
    } else if (state === 'Off') {
      record.push('power off');
      await stopAgent();
    }
  }
  const report = (error: unknown) => record.push(`fault of the BMC: ${String(error)}`);
  const bmc = new Bmc({ spec, folder, now: () => new Date(), report }, (board, faults) => {
    const watched: Board = {
      plan: () => board.plan(),
      bootBegan: () => board.bootBegan(),
      powerChanged: (state) => {
        board.powerChanged(state);
        powerChanged(state).catch(report);
      },
    };
    const around = { spec, folder, delays: delayProfiles.none };
    return new SimulatedMachine(watched, around, machineFaults(faults));
  });
  await bmc.start();
  const server = new BmcServer(bmc, 0, report);
  await server.open();
  return {
    mac,
    driverInfo: {
      redfish_address: server.url,
      redfish_system_id: '/redfish/v1/Systems/1',
      redfish_username: spec.bmc.username,
      redfish_password: spec.bmc.password,
    },
    history: () => [...history],
    forget: () => {
      history.length = 0;
    },
    close: async () => {
      await stopAgent();
      await server.close();
      rmSync(data, { recursive: true, force: true });
    },
  };
}
