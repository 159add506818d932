// OS::Nova::Flavor: for stacks of administrators.
import { OperationFailed } from '../../../operations/index.ts';
import type { DurableType, Properties, ResourcePlace } from './contract.ts';
import { ownerOf } from './owner.ts';
import type { ServiceApi } from './service-api.ts';

const map = (value: unknown): Properties => (typeof value === 'object' && value !== null ? { ...value } : {});

export function flavorType(compute: ServiceApi): DurableType {
  async function writeSpecs(place: ResourcePlace, id: string, properties: Properties, before: Properties) {
    const caller = ownerOf(place);
    const specs = Object.fromEntries(
      Object.entries(map(properties.extra_specs)).map(([name, value]) => [name, String(value)]),
    );
    const path = `/flavors/${encodeURIComponent(id)}/os-extra_specs`;
    for (const name of Object.keys(map(before.extra_specs)))
      if (!(name in specs)) await compute.call(caller, 'DELETE', `${path}/${encodeURIComponent(name)}`);
    if (Object.keys(specs).length > 0) await compute.call(caller, 'POST', path, { extra_specs: specs });
    return { is_public: properties.is_public !== false, extra_specs: specs };
  }
  return {
    kind: 'durable',
    deadlineMs: 600_000,
    async create(operation, place, properties) {
      const id = typeof properties.flavorid === 'string' ? properties.flavorid : place.id;
      const { is_public, ram, vcpus, disk, swap, ephemeral, rxtx_factor } = properties;
      await operation.step('create the flavor', async () => {
        const name = properties.name ?? `${place.stackName}-${place.name}-${place.id.slice(0, 8)}`;
        const flavor = {
          id,
          name,
          ram,
          vcpus,
          disk,
          swap,
          rxtx_factor,
          'OS-FLV-EXT-DATA:ephemeral': ephemeral,
          'os-flavor-access:is_public': is_public,
        };
        const made = await compute.call(ownerOf(place), 'POST', '/flavors', { flavor }, { taken: 'undefined' });
        if (made) return;
        const taken = map((await compute.call(ownerOf(place), 'GET', `/flavors/${encodeURIComponent(id)}`))?.flavor);
        // Its own id: made by this step before a crash.
        if (id !== place.id || taken.name !== name)
          throw new OperationFailed(`Flavor ${String(name)} or its ID ${id} already exists.`, 'Choose another name.');
      });
      const attributes = await operation.step('write its extra specs', () => writeSpecs(place, id, properties, {}));
      return { physicalId: id, attributes };
    },
    async update(operation, place, properties, before) {
      const attributes = await operation.step('write its extra specs', () =>
        writeSpecs(place, before.physicalId, properties, before.properties),
      );
      return { physicalId: before.physicalId, attributes };
    },
    async check(operation, place, before) {
      const attributes = await operation.step('look for the flavor', async () => {
        const path = `/flavors/${encodeURIComponent(before.physicalId)}`;
        const found = await compute.call(ownerOf(place), 'GET', path);
        if (!found) throw new OperationFailed(`flavor ${before.physicalId} is gone`, '');
        const specs = await compute.call(ownerOf(place), 'GET', `${path}/os-extra_specs`);
        const isPublic = map(found.flavor)['os-flavor-access:is_public'] !== false;
        return { is_public: isPublic, extra_specs: JSON.parse(JSON.stringify(specs?.extra_specs ?? {})) };
      });
      return { physicalId: before.physicalId, attributes };
    },
    async delete(operation, place, before) {
      if (before.physicalId === '' && typeof before.properties.flavorid === 'string') return;
      const id = before.physicalId === '' ? place.id : before.physicalId;
      await operation.step('delete the flavor', async () => {
        await compute.call(ownerOf(place), 'DELETE', `/flavors/${encodeURIComponent(id)}`);
      });
    },
  };
}
