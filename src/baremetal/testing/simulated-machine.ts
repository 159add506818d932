// A machine for tests whose power switch starts the real deploy agent, on memory instead of a disk.
import { createHash } from 'node:crypto';
import {
  type Machine as AgentMachine,
  type DeployAgent,
  startDeployAgent,
  systemClock,
} from '../../agent/deploy/index.ts';
import { createFakeHardware, type HardwareDriver, HardwareError, type PowerState } from '../../hardware/index.ts';

export interface SimulatedMachine {
  readonly driver: HardwareDriver;
  /** What was done to the machine from outside, in order. */
  readonly effects: string[];
  /** Bytes that the agent wrote, with the config drive it was given. */
  readonly written: { data: Buffer; configDrive: Uint8Array | undefined }[];
  /** How the machine left its ramdisk. */
  readonly left: string[];
  /** The BMC stops answering, or answers again. */
  dead: boolean;
  /** Agents do not start: the machine hangs in its firmware. */
  stuck: boolean;
  readonly mac: string;
  stop(): Promise<void>;
}

export function simulatedMachine(options: { apiUrl: () => string; mac: string }): SimulatedMachine {
  const base = createFakeHardware();
  let power: PowerState = 'power off';
  let agent: Promise<DeployAgent> | undefined;
  const effects: string[] = [];
  const written: SimulatedMachine['written'] = [];
  const left: string[] = [];

  const inside: AgentMachine = {
    inventory: async () => inventory(options.mac),
    rootDisk: async () => disk,
    async writeImage({ image, configDrive }, report) {
      const data = Buffer.from(await (await fetch(image.urls[0] ?? '')).arrayBuffer());
      report({ bytes_done: data.length, bytes_total: data.length, rate: 1 });
      const digest = createHash('sha512').update(data).digest('hex');
      if (image.os_hash_value && image.os_hash_value !== digest)
        throw new Error(`hash ${digest} is not ${image.os_hash_value}`);
      written.push({ data, configDrive });
      return {
        result: 'prepare_image: done',
        device: '/dev/vda',
        bytes: data.length,
        seconds: 0,
        algorithm: 'sha512',
        digest,
        already_written: false,
        state_kept: false,
      };
    },
    partitionUuids: async () => ({}),
    eraseMetadata: async () => void effects.push('erase metadata'),
    eraseDisks: async () => void effects.push('erase disks'),
    loadKexec: async () => undefined,
    sync: async () => undefined,
    async leave(how) {
      left.push(how);
      await stopAgent();
    },
  };

  async function stopAgent(): Promise<void> {
    const running = agent;
    agent = undefined;
    await (await running)?.stop();
  }

  async function turn(on: boolean): Promise<void> {
    effects.push(on ? 'on' : 'off');
    power = on ? 'power on' : 'power off';
    await stopAgent();
    if (!on || machine.stuck) return;
    agent = startDeployAgent({
      apiUrl: options.apiUrl(),
      machine: inside,
      clock: { ...systemClock, sleep: (ms, signal) => systemClock.sleep(Math.min(ms, 50), signal) },
      listen: { host: '127.0.0.1', port: 0 },
      log: () => undefined,
    });
  }

  function refuseDead(): void {
    if (machine.dead)
      throw new HardwareError('unreachable', 'The BMC at 10.0.0.9 cannot be reached: no route to host.');
  }

  const machine: SimulatedMachine = {
    effects,
    written,
    left,
    dead: false,
    stuck: false,
    mac: options.mac,
    stop: stopAgent,
    driver: {
      ...base,
      name: 'redfish',
      interfaces: {
        ...base.interfaces,
        deploy: ['direct'],
        boot: ['ipxe', 'redfish-virtual-media'],
        inspect: ['agent', 'redfish'],
        rescue: ['no-rescue'],
      },
      machine: (info) => ({
        ...base.machine(info),
        power: {
          async state() {
            refuseDead();
            return power;
          },
          async change(action) {
            refuseDead();
            const wanted: PowerState = action.endsWith('off') ? 'power off' : 'power on';
            if (wanted !== power) await turn(wanted === 'power on');
            return power;
          },
        },
        management: {
          ...base.machine(info).management,
          async setBootDevice(device, persistent) {
            refuseDead();
            effects.push(`boot ${device}${persistent ? '' : ' once'}`);
          },
        },
        virtualMedia: {
          async insert(url) {
            effects.push(`insert ${new URL(url).pathname.replace(/[0-9a-f-]{36}/, 'NODE')}`);
          },
          async eject() {
            effects.push('eject');
          },
          inserted: async () => null,
        },
      }),
    },
  };
  return machine;
}

const disk = {
  name: '/dev/vda',
  model: 'memory',
  size: 20 * 2 ** 30,
  rotational: false,
  wwn: null,
  wwn_with_extension: null,
  wwn_vendor_extension: null,
  serial: null,
  vendor: null,
  hctl: null,
  by_path: null,
  uuid: null,
  logical_sectors: 512,
  physical_sectors: 512,
};

function inventory(mac: string): Awaited<ReturnType<AgentMachine['inventory']>> {
  return {
    interfaces: [
      {
        name: 'eth0',
        mac_address: mac,
        ipv4_address: '127.0.0.1',
        ipv6_address: null,
        has_carrier: true,
        lldp: null,
        vendor: null,
        product: null,
        client_id: null,
        biosdevname: null,
        speed_mbps: null,
      },
    ],
    cpu: { model_name: 'test', frequency: null, count: 2, architecture: 'x86_64', flags: [], socket_count: 1 },
    memory: { total: 2 ** 30, physical_mb: 1024 },
    disks: [disk],
    bmc_address: null,
    bmc_v6address: null,
    bmc_mac: null,
    system_vendor: {
      product_name: 'Testbox',
      serial_number: null,
      manufacturer: 'Undercloud',
      firmware: { vendor: null, version: null, build_date: null },
    },
    boot: { current_boot_mode: 'bios', pxe_interface: null },
    hostname: 'localhost',
  };
}
