// The machine's inventory from /sys and /proc, in the shape of ironic-python-agent.
import { arch, hostname, networkInterfaces } from 'node:os';
import { join } from 'node:path';
import type { Inventory, NetworkInterface } from '../../protocol.ts';
import { bootMac, parseCommandLine } from '../command-line.ts';
import { bmcAddresses } from './bmc.ts';
import { listDisks } from './disks.ts';
import { names, read, readNumber } from './sysfs.ts';

/** Collects the inventory; `root` is a prefix of /sys, /proc and /dev for tests. */
export async function collectInventory(root = '/'): Promise<Inventory> {
  const words = parseCommandLine((await read(join(root, 'proc/cmdline'))) ?? '');
  const dmi = async (name: string) => (await read(join(root, 'sys/class/dmi/id', name))) ?? null;
  const memory = await memoryBytes(root);
  return {
    interfaces: await interfaces(root),
    cpu: await cpu(root),
    memory: { total: memory.usable, physical_mb: Math.round(memory.physical / 2 ** 20) },
    disks: [...(await listDisks(root))],
    ...(await bmcAddresses()),
    bmc_v6address: null,
    system_vendor: {
      product_name: await dmi('product_name'),
      serial_number: await dmi('product_serial'),
      manufacturer: await dmi('sys_vendor'),
      firmware: {
        vendor: await dmi('bios_vendor'),
        version: await dmi('bios_version'),
        build_date: await dmi('bios_date'),
      },
    },
    boot: {
      current_boot_mode: (await names(join(root, 'sys/firmware/efi'))).length > 0 ? 'uefi' : 'bios',
      pxe_interface: bootMac(words) ?? null,
    },
    // A ramdisk that nobody has named is called (none).
    hostname: hostname().replace(/^\(none\)$/, 'localhost'),
  };
}

/** Physical interfaces only: those with a device behind them. */
async function interfaces(root: string): Promise<NetworkInterface[]> {
  const addresses = networkInterfaces();
  const found: NetworkInterface[] = [];
  for (const name of await names(join(root, 'sys/class/net'))) {
    const folder = join(root, 'sys/class/net', name);
    const mac = await read(join(folder, 'address'));
    if (!mac || (await names(join(folder, 'device'))).length === 0) continue;
    const own = addresses[name] ?? [];
    const speed = await readNumber(join(folder, 'speed'));
    found.push({
      name,
      mac_address: mac.toLowerCase(),
      ipv4_address: own.find((address) => address.family === 'IPv4')?.address ?? null,
      ipv6_address: own.find((address) => address.family === 'IPv6')?.address ?? null,
      has_carrier: (await read(join(folder, 'carrier'))) === '1',
      lldp: null,
      vendor: (await read(join(folder, 'device/vendor'))) ?? null,
      product: (await read(join(folder, 'device/device'))) ?? null,
      client_id: null,
      biosdevname: null,
      speed_mbps: speed !== undefined && speed > 0 ? speed : null,
    });
  }
  return found;
}

async function cpu(root: string): Promise<Inventory['cpu']> {
  const text = (await read(join(root, 'proc/cpuinfo'))) ?? '';
  const all = (key: string) =>
    [...text.matchAll(new RegExp(`^${key}\\s*:\\s*(.*)$`, 'gm'))].map((match) => match[1] ?? '');
  const architectures: Readonly<Record<string, string>> = { x64: 'x86_64', arm64: 'aarch64', ppc64: 'ppc64le' };
  return {
    model_name: all('model name')[0] ?? null,
    frequency: all('cpu MHz')[0] ?? null,
    count: all('processor').length,
    architecture: architectures[arch()] ?? arch(),
    flags: (all('flags')[0] ?? all('Features')[0] ?? '').split(' ').filter(Boolean),
    socket_count: Math.max(1, new Set(all('physical id')).size),
  };
}

/** Usable bytes from meminfo, and the installed bytes, which the kernel tells by its memory blocks where it has them. */
async function memoryBytes(root: string): Promise<{ readonly usable: number; readonly physical: number }> {
  const total = /^MemTotal:\s+(\d+) kB$/m.exec((await read(join(root, 'proc/meminfo'))) ?? '')?.[1];
  const usable = Number(total ?? 0) * 1024;
  const folder = join(root, 'sys/devices/system/memory');
  const blockBytes = Number.parseInt((await read(join(folder, 'block_size_bytes'))) ?? '0', 16);
  const blocks = (await names(folder)).filter((name) => /^memory\d+$/.test(name)).length;
  return { usable, physical: blockBytes * blocks || usable };
}
