// Loads trees of seven providers: a host, two NUMA nodes, three FPGAs and a GPU; 18 requests a tree.
import { randomUUID } from 'node:crypto';
import { type BenchClient, concurrently } from './client.ts';

export async function load(client: BenchClient, trees: number, atOnce: number): Promise<void> {
  await concurrently(trees, atOnce, () => tree(client));
}

async function tree(client: BenchClient): Promise<void> {
  const create = async (name: string, parent?: string) => {
    const uuid = randomUUID();
    const body = { uuid, name: `${name}-${uuid}`, ...(parent ? { parent_provider_uuid: parent } : {}) };
    await client.call('POST', '/resource_providers', body);
    return uuid;
  };
  const stock = (uuid: string, inventories: object) =>
    client.call('PUT', `/resource_providers/${uuid}/inventories`, { resource_provider_generation: 0, inventories });
  const mark = (uuid: string, traits: readonly string[]) =>
    client.call('PUT', `/resource_providers/${uuid}/traits`, { resource_provider_generation: 1, traits });

  await client.call('PUT', '/traits/CUSTOM_FOO');
  const host = await create('host');
  await stock(host, { DISK_GB: { total: 20480 } });
  await mark(host, ['COMPUTE_VOLUME_MULTI_ATTACH']);
  const numa0 = await create('numa0', host);
  await stock(numa0, {
    VCPU: { total: 4, reserved: 2 },
    MEMORY_MB: { total: 2048, min_unit: 512, step_size: 256 },
  });
  await mark(numa0, ['HW_NUMA_ROOT']);
  await stock(await create('fpga0', numa0), { FPGA: { total: 1 } });
  await stock(await create('gpu0', numa0), { VGPU: { total: 8 } });
  const numa1 = await create('numa1', host);
  await stock(numa1, { VCPU: { total: 4 }, MEMORY_MB: { total: 2048, min_unit: 256, max_unit: 1024 } });
  await mark(numa1, ['HW_NUMA_ROOT', 'CUSTOM_FOO']);
  await stock(await create('fpga1', numa1), { FPGA: { total: 1 } });
  await stock(await create('fpga2', numa1), { FPGA: { total: 1 } });
}
