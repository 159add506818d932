// What the deploy agent finds inside of a simulated machine: its parts as the spec has them, and disks that keep nothing but a digest.
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { Machine as AgentMachine, WriteRequest } from '../../../agent/deploy/index.ts';
import { chooseRootDisk } from '../../../agent/deploy/index.ts';
import { type Disk, plainDisk } from '../../../agent/index.ts';
import type { MachineSpec } from '../../spec.ts';
import type { MachineFaults } from '../contract.ts';

export interface InsideOptions {
  readonly spec: MachineSpec;
  readonly firmware: 'bios' | 'uefi';
  faults(): MachineFaults;
  /** Lets the time pass that erasing or writing takes. */
  pause(what: 'eraseMs' | 'writeMs'): Promise<void>;
  /** Digest of the image on the disk; null: nothing that boots. */
  installed(): string | null;
  install(digest: string | null): void;
  /** Ends the ramdisk as a crash does. */
  die(): Promise<void>;
  /** How the ramdisk ends. */
  leave(how: 'kexec' | 'reboot' | 'power off'): Promise<void>;
}

/** Images up to this size are read and their digest is checked; of larger ones only that the server sends them. */
const readWholeBytes = 1 << 20;

/** An archive ends with two empty blocks (POSIX, pax). */
const emptyTar = Buffer.alloc(1024);

type Inventory = Awaited<ReturnType<AgentMachine['inventory']>>;

export function insideOf(options: InsideOptions): AgentMachine {
  const { spec, pause } = options;
  const disks = spec.disks.map((disk, index) => diskOf(spec, disk.sizeBytes, index));

  async function touchDisks(): Promise<void> {
    if (options.faults().agentDies) {
      await options.die();
      await new Promise(() => {});
    }
    if (options.faults().diskFailing) throw new Error('I/O error on /dev/vda');
  }
  return {
    inventory: async () => inventoryOf(options, disks),
    rootDisk: async (hints) => chooseRootDisk(disks, hints),
    async writeImage({ image, rootDeviceHints }, report) {
      const disk = chooseRootDisk(disks, rootDeviceHints);
      await touchDisks();
      options.install(null);
      const { bytes, digest } = await readImage(image);
      report({ bytes_done: 0, bytes_total: bytes, rate: 0 });
      await pause('writeMs');
      await touchDisks();
      options.install(digest);
      report({ bytes_done: bytes, bytes_total: bytes, rate: bytes });
      return {
        result: 'prepare_image: done',
        device: disk.name,
        bytes,
        seconds: 0,
        algorithm: 'sha512',
        digest,
        already_written: false,
        state_kept: false,
      };
    },
    partitionUuids: async () => ({}),
    installBootLoader: async () => 'the image is played, and so is its boot loader',
    async eraseMetadata() {
      await touchDisks();
      await pause('eraseMs');
      options.install(null);
    },
    async eraseDisks() {
      await touchDisks();
      await pause('eraseMs');
      options.install(null);
    },
    loadKexec: async () => {
      if (options.installed() === null) throw new Error('nothing on the disk can be started');
    },
    // Nobody can come in where nothing runs.
    openForRescue: async () => undefined,
    collectLogs: async () => gzipSync(emptyTar),
    sync: async () => undefined,
    leave: options.leave,
  };
}

async function readImage(image: WriteRequest['image']): Promise<{ bytes: number; digest: string }> {
  const [url = ''] = image.urls;
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${url}: HTTP ${answer.status}`);
  const bytes = Number(answer.headers.get('content-length') ?? image.size ?? 0);
  if (bytes > readWholeBytes) {
    await answer.body?.cancel();
    return { bytes, digest: image.os_hash_value ?? '' };
  }
  const data = Buffer.from(await answer.arrayBuffer());
  const digest = createHash(image.os_hash_algo ?? 'sha512')
    .update(data)
    .digest('hex');
  if (image.os_hash_value && image.os_hash_value !== digest)
    throw new Error(`${url} has the digest ${digest}, not ${image.os_hash_value}`);
  return { bytes: data.length, digest };
}

function diskOf(spec: MachineSpec, size: number, index: number): Disk {
  const name = `/dev/vd${String.fromCharCode(97 + index)}`;
  return plainDisk(name, size, { model: 'Simulated disk', serial: `${spec.serial}-${index}` });
}

function inventoryOf({ spec, firmware, faults }: InsideOptions, disks: Disk[]): Inventory {
  return {
    interfaces: spec.nics.map(({ mac }, index) => ({
      name: `eth${index}`,
      mac_address: mac,
      ipv4_address: '127.0.0.1',
      ipv6_address: null,
      has_carrier: !faults().linkDown,
      lldp: null,
      vendor: null,
      product: null,
      client_id: null,
      biosdevname: null,
      speed_mbps: null,
    })),
    cpu: { model_name: 'Simulated', frequency: null, count: 1, architecture: 'x86_64', flags: [], socket_count: 1 },
    memory: { total: spec.memoryMb * 2 ** 20, physical_mb: spec.memoryMb },
    disks,
    bmc_address: '127.0.0.1',
    bmc_v6address: null,
    bmc_mac: null,
    system_vendor: {
      product_name: 'Simulated machine',
      serial_number: spec.serial,
      manufacturer: 'Undercloud',
      firmware: { vendor: null, version: null, build_date: null },
    },
    boot: { current_boot_mode: firmware, pxe_interface: spec.nics[0]?.mac ?? null },
    hostname: spec.name,
  };
}
