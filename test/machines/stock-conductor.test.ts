// A conductor of stock Ironic and a machine that boots for real: our ramdisk over virtual media, a disk image that nobody here built.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { type Dnsmasq, startDnsmasq } from '../../src/boot/dnsmasq/index.ts';
import { hasIronic, type Ironic, startIronic } from '../harness/ironic.ts';
import { rackUp, type TestRack } from '../harness/rack.ts';
import { repository } from '../harness/repository.ts';
import { finishCommand } from '../harness/undercloud.ts';
import { until } from '../harness/until.ts';

const rackName = process.env.UNDERCLOUD_TEST_STOCK_RACK ?? 'ucstock0';
const network = process.env.UNDERCLOUD_TEST_STOCK_NETWORK ?? '192.168.125';
const folder = join(tmpdir(), `undercloud-machines-${rackName}`);
const cache = process.env.UNDERCLOUD_TEST_CACHE ?? join(repository, '.cache', 'machines');
const root = process.getuid?.() === 0;
const greeting = 'the whole-disk image runs';

describe.runIf(root && hasIronic)('a machine under stock Ironic (root only, with Debian’s ironic)', () => {
  const name = `${rackName}-1`;
  const state: { rack?: TestRack; ironic?: Ironic; dnsmasq?: Dnsmasq } = {};
  afterAll(async () => {
    await state.ironic?.stop();
    await state.dnsmasq?.stop();
    await state.rack?.down();
    rmSync(folder, { recursive: true, force: true });
  });

  test('is cleaned, deployed with a whole-disk image that then boots, and cleaned again', async () => {
    await finishCommand(['image', 'build', 'deploy-ramdisk', '--no-register', '--data', cache]);
    const rack = await rackUp(folder, { name: rackName, machines: 1, subnet: `${network}.0/24`, memoryMb: 1024 });
    state.rack = rack;
    const address = `${network}.1`;
    state.dnsmasq = await startDnsmasq({
      network: {
        ...{ interface: rackName, address, cidr: `${network}.0/24`, router: null },
        pool: { first: `${network}.100`, last: `${network}.120` },
      },
      folder: join(folder, 'dnsmasq'),
      scriptUrl: `http://${address}/none`,
    });
    mkdirSync(join(folder, 'ironic'), { mode: 0o755 });
    const ironic = await startIronic({
      folder: join(folder, 'ironic'),
      logs: join(folder, 'logs'),
      address,
      patienceMs: 240_000,
      settings: {
        api: { ramdisk_heartbeat_timeout: 5 },
        redfish: { kernel_append_params: 'console=ttyS0 quiet net.ifnames=0 mitigations=off' },
        // Emulated disks take minutes to be overwritten.
        deploy: { erase_devices_priority: 0 },
      },
    });
    state.ironic = ironic;
    const provision: Ironic['provision'] = (...words) =>
      ironic.provision(...words).catch((error: unknown) => {
        throw new Error(`${String(error)}\n${rack.console(name)}`);
      });

    const [machine] = rack.nodes();
    const files = Object.fromEntries(
      (['kernel', 'ramdisk'] as const).map((part) => [
        `deploy_${part}`,
        ironic.publish(part, readFileSync(join(cache, 'images', `deploy-${part}`))),
      ]),
    );
    const disk = bootableDisk();
    const instance_info = {
      image_source: ironic.publish('disk.raw', disk),
      image_os_hash_algo: 'sha256',
      image_os_hash_value: createHash('sha256').update(disk).digest('hex'),
      ...{ image_disk_format: 'raw', image_type: 'whole-disk' },
    };
    const driver_info = { ...machine?.driver_info, ...files };
    const { uuid } = await ironic.call('POST', '/nodes', { name, driver: 'redfish', driver_info, instance_info });
    for (const port of machine?.ports ?? [])
      await ironic.call('POST', '/ports', { node_uuid: uuid, address: port.address });
    await provision(name, 'manage', 'manageable');
    await provision(name, 'provide', 'available');
    await provision(name, 'active', 'active', { configdrive: { meta_data: { name } } });
    await until('the image boots', () => rack.console(name).includes(greeting), { withinMs: 120_000 }).catch(
      (error: unknown) => {
        throw new Error(`${String(error)}\n${rack.console(name)}`);
      },
    );
    await provision(name, 'deleted', 'available');
    expect(await sector(join(folder, 'rack', name, 'disk0.raw'))).toEqual(Buffer.alloc(512));
  });

  /** The first sector of a machine's disk. */
  async function sector(path: string): Promise<Buffer> {
    const file = await open(path);
    try {
      return (await file.read(Buffer.alloc(512), 0, 512, 0)).buffer;
    } finally {
      await file.close();
    }
  }

  /** A disk with a partition table and a boot sector that greets on the serial console. */
  function bootableDisk(): Buffer {
    const path = join(folder, 'disk.raw');
    writeFileSync(path, Buffer.alloc(8 << 20));
    execFileSync('sfdisk', ['--quiet', path], { input: 'label: gpt\nstart=2048, size=4096\n' });
    const image = readFileSync(path);
    // xor ax,ax; mov ds,ax; mov si,text; next: lodsb; test al,al; jz end; mov dx,0x3f8; out dx,al; jmp next; end: hlt; jmp end
    const code = Buffer.from('31c08ed8be187cac84c07406baf803eeebf5f4ebfd000000', 'hex');
    Buffer.concat([code, Buffer.from(`\r\n${greeting}\r\n\0`)]).copy(image);
    return image;
  }
});
