// What the deploy agent finds inside of a machine that has memory for a disk.
import { createHash } from 'node:crypto';
import type { Machine, MachineStep } from '../../agent/deploy/index.ts';
import { type ImageInfo, plainDisk } from '../../agent/index.ts';

export interface Written {
  readonly image: ImageInfo;
  readonly data: Buffer;
  readonly configDrive: Uint8Array | undefined;
}

export interface MemoryMachineOptions {
  readonly mac: string;
  /** Receives what is done to the disks besides writing. */
  readonly effects: string[];
  /** Receives what is written. */
  readonly written: Written[];
  /** Receives how the machine leaves its ramdisk. */
  readonly left: string[];
  /** What its hardware manager offers; may change while the machine runs. */
  readonly steps?: readonly MachineStep[];
  /** The ramdisk is over: its agent ends. */
  readonly end: () => Promise<void>;
}

/** A machine whose disk is a list of what was written, each entry with its digest checked. */
export function memoryMachine({ mac, effects, written, left, steps = [], end }: MemoryMachineOptions): Machine {
  return {
    steps,
    inventory: async () => inventory(mac),
    rootDisk: async () => disk,
    async writeImage({ image, configDrive }, report) {
      const data = Buffer.from(await (await fetch(image.urls[0] ?? '')).arrayBuffer());
      report({ bytes_done: data.length, bytes_total: data.length, rate: 1 });
      const digest = createHash('sha512').update(data).digest('hex');
      if (image.os_hash_value && image.os_hash_value !== digest)
        throw new Error(`hash ${digest} is not ${image.os_hash_value}`);
      written.push({ image, data, configDrive });
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
    async installBootLoader() {
      effects.push('install boot loader');
      return 'done';
    },
    eraseMetadata: async () => void effects.push('erase metadata'),
    eraseDisks: async () => void effects.push('erase disks'),
    loadKexec: async () => undefined,
    openForRescue: async ({ password }) => void effects.push(`rescue with ${password}`),
    collectLogs: async () => Buffer.from('no logs'),
    sync: async () => undefined,
    async leave(how) {
      left.push(how);
      await end();
    },
  };
}

const disk = plainDisk('/dev/vda', 20 * 2 ** 30, { model: 'memory' });

function inventory(mac: string): Awaited<ReturnType<Machine['inventory']>> {
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
