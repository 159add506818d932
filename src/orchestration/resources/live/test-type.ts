// OS::Heat::TestResource: waits, fails and is replaced as its properties say.
import { type OperationContext, OperationFailed } from '../../../operations/index.ts';
import type { DurableType, Properties, ResourcePlace } from './contract.ts';
import { physicalName } from './value-types.ts';

async function act(
  operation: OperationContext,
  place: ResourcePlace,
  properties: Properties,
  action: 'create' | 'update' | 'delete',
): Promise<void> {
  const perAction: Properties =
    typeof properties.action_wait_secs === 'object' && properties.action_wait_secs !== null
      ? { ...properties.action_wait_secs }
      : {};
  const seconds = Number(perAction[action] ?? properties.wait_secs ?? 0);
  if (seconds > 0) await operation.sleep(seconds * 1000, `${place.name} waits ${seconds} s, as its template says`);
  if (properties.fail === true && action !== 'delete')
    throw new OperationFailed(`Test Resource failed ${place.name}`, '');
}

export const testResourceType: DurableType = {
  kind: 'durable',
  deadlineMs: 24 * 3_600_000,
  replaceFor: (_changed, properties) =>
    properties.update_replace === true ? 'its property update_replace asks for it' : undefined,
  async create(operation, place, properties) {
    await act(operation, place, properties, 'create');
    return { physicalId: physicalName(place), attributes: { output: properties.value ?? null } };
  },
  async update(operation, place, properties, before) {
    await act(operation, place, properties, 'update');
    return { physicalId: before.physicalId, attributes: { output: properties.value ?? null } };
  },
  check: async (_operation, _place, before) => before,
  async delete(operation, place, before) {
    await act(operation, place, before.properties, 'delete');
  },
};
