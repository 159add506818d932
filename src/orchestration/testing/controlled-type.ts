// A resource type whose work waits for the test's word, in the place of OS::Heat::TestResource.
import { OperationFailed } from '../../operations/index.ts';
import type { DurableType, LiveType } from '../resources/live/contract.ts';

export interface Controlled {
  readonly types: ReadonlyMap<string, LiveType>;
  /** What was done, in order: `create one`, `delete one`. */
  readonly done: string[];
  /** What fails: `create one`. */
  readonly failing: Set<string>;
  /** Work on this value waits until it is given free. */
  hold(value: string): void;
  free(value: string): void;
}

export function controlledTypes(): Controlled {
  const done: string[] = [];
  const failing = new Set<string>();
  const gates = new Map<string, { readonly opened: Promise<void>; readonly open: () => void }>();
  const act = async (verb: string, value: string) => {
    done.push(`${verb} ${value}`);
    await gates.get(value)?.opened;
    if (failing.has(`${verb} ${value}`)) throw new OperationFailed(`${value} cannot be`, '');
  };
  const type: DurableType = {
    kind: 'durable',
    deadlineMs: 60_000,
    async create(operation, place, { value }) {
      await operation.step('make it', () => act('create', String(value)));
      return { physicalId: place.id, attributes: { output: String(value) } };
    },
    async check(operation, _place, before) {
      await operation.step('look at it', () => act('check', String(before.properties.value)));
      return { physicalId: before.physicalId, attributes: { output: String(before.properties.value) } };
    },
    async suspend(operation, _place, before) {
      await operation.step('suspend it', () => act('suspend', String(before.properties.value)));
      return before;
    },
    async resume(operation, _place, before) {
      await operation.step('resume it', () => act('resume', String(before.properties.value)));
      return before;
    },
    async delete(operation, _place, before) {
      await operation.step('remove it', () => act('delete', String(before.properties.value)));
    },
  };
  return {
    types: new Map([['OS::Heat::TestResource', type]]),
    done,
    failing,
    hold(value) {
      let open = () => {};
      const opened = new Promise<void>((resolve) => {
        open = resolve;
      });
      gates.set(value, { opened, open });
    },
    free(value) {
      gates.get(value)?.open();
      gates.delete(value);
    },
  };
}
