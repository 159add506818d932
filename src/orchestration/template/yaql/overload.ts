// Which function of several with one name a call means: by the number, names and kinds of its arguments.
import { TemplateError } from '../errors.ts';
import type { Data } from './data.ts';
import type { Expression } from './expression.ts';
import { accepts, type FunctionSpec, lazyKinds, moreSpecial, type Parameter } from './function.ts';

/** An argument before it is known whether its function wants it computed. */
export type Raw = { readonly expression: Expression } | { readonly value: Data } | undefined;

export interface Mapping {
  readonly spec: FunctionSpec;
  /** Per positional argument the parameter it goes to. */
  readonly positions: readonly Parameter[];
  readonly named: ReadonlyMap<string, Parameter>;
}

/** Separates `name => value` arguments from the others. */
export function splitNamed(
  given: readonly Raw[],
  givenNamed: ReadonlyMap<string, Raw>,
  noNamed: boolean,
): { args: Raw[]; named: Map<string, Raw> } {
  if (noNamed) return { args: [...given], named: new Map() };
  const named = new Map(givenNamed);
  const args: Raw[] = [];
  for (const raw of given) {
    if (raw && 'expression' in raw && raw.expression.kind === 'rule') {
      const { source, destination } = raw.expression;
      if (source.kind !== 'keyword' || named.has(source.value))
        throw new TemplateError('MappingTranslationException', 'Cannot convert mapping to keyword argument');
      named.set(source.value, { expression: destination });
    } else args.push(raw);
  }
  return { args, named };
}

/** Constants are held against a parameter's kind before anything is computed. */
function mayFit(parameter: Parameter, raw: Raw): boolean {
  if (raw === undefined) return parameter.optional;
  if (parameter.kind === 'rule') return 'expression' in raw && raw.expression.kind === 'rule';
  if (lazyKinds.has(parameter.kind)) return true;
  if ('value' in raw) return accepts(parameter, raw.value);
  const { expression } = raw;
  return expression.kind === 'constant' || expression.kind === 'keyword' ? accepts(parameter, expression.value) : true;
}

/** Which argument goes to which parameter; undefined when this function cannot be meant. */
export function mapArguments(
  spec: FunctionSpec,
  args: readonly Raw[],
  named: ReadonlyMap<string, Raw>,
): [Mapping] | undefined {
  const positions: Parameter[] = [];
  const byName = new Map<string, Parameter>();
  for (const [index, parameter] of spec.parameters.entries()) {
    const given = args[index] !== undefined;
    const isNamed = named.has(parameter.name);
    if (given && isNamed) return undefined;
    if (isNamed) byName.set(parameter.name, parameter);
    else if (!given && !parameter.optional) return undefined;
  }
  for (const [index, raw] of args.entries()) {
    const parameter = spec.parameters[index] ?? spec.rest;
    if (!parameter || !mayFit(parameter, raw)) return undefined;
    positions.push(parameter);
  }
  for (const [name, raw] of named) {
    const parameter = byName.get(name);
    if (parameter ? !mayFit(parameter, raw) : !spec.anyNamed) return undefined;
  }
  return [{ spec, positions, named: byName }];
}

/** The arguments that are handed over uncomputed. */
export function lazyPlaces(mapping: Mapping): string {
  const places = mapping.positions.flatMap((parameter, index) =>
    lazyKinds.has(parameter.kind) ? [String(index)] : [],
  );
  const names = [...mapping.named].flatMap(([name, parameter]) => (lazyKinds.has(parameter.kind) ? [name] : []));
  return [...places, ...names.sort()].join(',');
}

/** Whether the computed arguments are what the parameters accept. */
export function fits(mapping: Mapping, values: readonly Raw[], named: ReadonlyMap<string, Raw>): boolean {
  const check = (parameter: Parameter | undefined, raw: Raw): boolean =>
    !parameter ||
    raw === undefined ||
    !('value' in raw) ||
    lazyKinds.has(parameter.kind) ||
    accepts(parameter, raw.value);
  return (
    values.every((raw, index) => check(mapping.positions[index], raw)) &&
    [...named].every(([name, raw]) => check(mapping.named.get(name), raw))
  );
}

/** Whether one mapping's parameters are more special than another's. */
export function special(a: Mapping, b: Mapping): boolean {
  let more = false;
  for (const [index, parameter] of a.positions.entries()) {
    const other = b.positions[index];
    if (!other) continue;
    if (moreSpecial(other.kind, parameter.kind)) return false;
    if (moreSpecial(parameter.kind, other.kind)) more = true;
  }
  return more;
}
