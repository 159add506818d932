// A conductor of stock Ironic takes a machine through its life: Ironic's Redfish and deploy code, our BMC, our ramdisk's agent.
import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasIronic, type Ironic, startIronic } from '../harness/ironic.ts';
import { rackUp, type TestRack } from '../harness/rack.ts';
import { temporaryFolder } from '../harness/undercloud.ts';

const image = Buffer.alloc(4096, 'an image');

describe.skipIf(!hasIronic)('a stock conductor (skipped where Debian’s ironic is not installed)', () => {
  const folder = temporaryFolder();
  const logs = join(folder.path, 'logs');
  const name = 'stock0-1';
  let rack: TestRack;
  let ironic: Ironic;
  beforeAll(async () => {
    const ironicUp = startIronic({ folder: folder.path, logs, tls: true }).then((up) => {
      ironic = up;
    });
    const rackIsUp = rackUp(join(folder.path, 'data'), {
      name: 'stock0',
      machines: 1,
      subnet: '192.168.131.0/24',
      kind: 'simulated',
      // Ironic's Redfish client reads memory in whole gibibytes.
      memoryMb: 2048,
    }).then((up) => {
      rack = up;
    });
    await Promise.all([ironicUp, rackIsUp]);
  }, 120_000);
  afterAll(async () => {
    await ironic?.stop();
    await rack?.down();
    folder.remove();
  });

  test('enrols it by its BMC, manages it and reads its inventory', async () => {
    const [machine] = rack.nodes();
    const kernel = ironic.publish('kernel', Buffer.from('kernel'));
    const ramdisk = ironic.publish('ramdisk', Buffer.from('ramdisk'));
    await ironic.call('POST', '/nodes', {
      name,
      driver: 'redfish',
      driver_info: { ...machine?.driver_info, deploy_kernel: kernel, deploy_ramdisk: ramdisk },
    });
    const { uuid } = await ironic.call('GET', `/nodes/${name}`);
    for (const { address } of machine?.ports ?? []) await ironic.call('POST', '/ports', { node_uuid: uuid, address });
    await ironic.provision(name, 'manage', 'manageable');
    const { properties } = await ironic.provision(name, 'inspect', 'manageable');
    expect(properties).toMatchObject({ memory_mb: '2048', cpu_arch: 'x86_64', vendor: 'Undercloud' });
  });

  test('cleans it by the steps of our ramdisk, booted over virtual media, with TLS both ways', async () => {
    await ironic.provision(name, 'provide', 'available').catch((error: unknown) => {
      throw new Error(`${String(error)}\n${rack.console(name)}`, { cause: error });
    });
    expect(rack.console(name)).toMatch(/get_clean_steps succeeded[\s\S]*execute_clean_step succeeded/);
  });

  test('is told why an image cannot be written, and gets the logs', async () => {
    await setImage('0'.repeat(128));
    const failing = ironic.provision(name, 'active', 'active');
    await expect(failing).rejects.toThrow(/deploy failed: .*write_image.*image\.raw has the digest/);
    expect(readdirSync(logs).some((file) => file.endsWith('.tar.gz'))).toBe(true);
  });

  test('deploys a whole-disk image with a config drive, and the machine starts it', async () => {
    await setImage(createHash('sha512').update(image).digest('hex'));
    await ironic.provision(name, 'active', 'active', { configdrive: { meta_data: { name: 'stock' } } });
    await expect.poll(() => rack.console(name), { timeout: 10_000 }).toMatch(/the system on the disk runs/);
  });

  test('takes it back, cleaned', async () => {
    await ironic.provision(name, 'deleted', 'available');
    expect(rack.console(name)).toMatch(/the system on the disk runs[\s\S]*execute_clean_step succeeded/);
  });

  async function setImage(sha512: string): Promise<void> {
    const value = {
      image_source: ironic.publish('image.raw', image),
      image_os_hash_algo: 'sha512',
      image_os_hash_value: sha512,
      image_disk_format: 'raw',
      image_type: 'whole-disk',
    };
    await ironic.call('PATCH', `/nodes/${name}`, [{ op: 'add', path: '/instance_info', value }]);
  }
});
