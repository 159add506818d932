// Resolves small templates for tests: the value of one output, or the error in its place.
import { batch } from '../command/batch.ts';
import type { ResourceTypeLibrary } from '../resource-type.ts';

export const noTypes: ResourceTypeLibrary = { get: () => undefined, names: () => [], mappings: [] };

type Job = { readonly [key: string]: unknown };

/** Answers a batch job. */
export function answer(job: Job, types: ResourceTypeLibrary = noTypes): { [key: string]: unknown } {
  return batch(types)(JSON.stringify(job));
}

/** The value of an output of a template that holds nothing else but parameters `p` and a resource `r`. */
export function outputOf(value: unknown, job: Job = {}, version = 'wallaby'): unknown {
  const result = answer({
    op: 'resolve',
    template: {
      heat_template_version: version,
      parameters: { p: { type: 'json', default: { list: ['a', 'b'], deep: { x: 1 } } } },
      resources: { r: { type: 'Any::Thing' } },
      outputs: { out: { value } },
    },
    ...job,
  });
  const outputs = result.outputs;
  return outputs !== null && typeof outputs === 'object' && 'out' in outputs ? outputs.out : result;
}
