// A resource type that fails until it is mended, in the place of OS::Heat::TestResource.
import { OperationParked } from '../../operations/index.ts';
import type { DurableType, LiveType } from '../resources/live/contract.ts';

/** Whether the bad one has been mended, and how often each was tried. */
export const mended: { now: boolean; made: Record<string, number> } = { now: false, made: {} };

const flaky: DurableType = {
  kind: 'durable',
  deadlineMs: 60_000,
  async create(operation, place, properties) {
    const value = String(properties.value);
    await operation.step('make it', async () => {
      mended.made[value] = (mended.made[value] ?? 0) + 1;
      if (value === 'bad' && !mended.now) throw new OperationParked('the BMC does not answer', 'Check its power.');
    });
    return { physicalId: place.id, attributes: { output: value } };
  },
  async delete() {},
};

export const flakyTypes: ReadonlyMap<string, LiveType> = new Map([['OS::Heat::TestResource', flaky]]);
