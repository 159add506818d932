// The option `immutable`: a resource that carries it is neither changed nor deleted until it is taken off.
import { type Change, type Row, record } from './collection/index.ts';
import { errors } from './errors.ts';

export function refuseImmutable(noun: string, row: Row): void {
  if (record(row, 'options').immutable === true)
    throw errors.Denied(`The ${noun} ${String(row.id)} is immutable. Take off its option "immutable" first.`);
}

/** An update may pass only when it takes the option off, or when the option is not there. */
export function refuseImmutableChange(noun: string, { before, values }: Change): void {
  const options = values.options;
  const lifts = typeof options === 'object' && options !== null && Reflect.get(options, 'immutable') !== true;
  if (before && !lifts) refuseImmutable(noun, before);
}

/** Options of an update on top of those before; null takes one off. */
export function mergedOptions(before: Row | undefined, given: unknown): Row {
  const merged: Record<string, unknown> = { ...(before ? record(before, 'options') : {}), ...Object(given) };
  for (const [name, value] of Object.entries(merged)) if (value === null) delete merged[name];
  return merged;
}
