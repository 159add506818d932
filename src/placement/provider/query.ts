// Reads the parameters that lists of providers and of candidates share.
import { type ApiRequest, commonErrors, isUuidLike } from '../../openstack/index.ts';
import { since } from '../http/index.ts';

/** `VCPU:2,MEMORY_MB:1024` as a map. Throws 400. */
export function parseResources(value: string): Map<string, number> {
  const form =
    'Badly formed resources parameter. Expected resources query string parameter in form: ?resources=VCPU:2,MEMORY_MB:1024.';
  if (value.trim() === '') throw commonErrors.BadRequest(`${form} Got: empty string.`);
  const resources = new Map<string, number>();
  for (const pair of value.split(',')) {
    const [name, amount, ...rest] = pair.split(':');
    if (name === undefined || amount === undefined || rest.length > 0)
      throw commonErrors.BadRequest(`${form} Got: ${pair}.`);
    if (!/^\s*[+-]?\d+\s*$/.test(amount))
      throw commonErrors.BadRequest(`Requested resource ${name} expected positive integer amount. Got: ${amount}.`);
    if (Number(amount) < 1)
      throw commonErrors.BadRequest(`Requested resource ${name} requires amount >= 1. Got: ${Number(amount)}.`);
    resources.set(name, Number(amount));
  }
  return resources;
}

export interface TraitFilter {
  /** All of these sets must be met, each by any of its traits. */
  readonly required: Set<string>[];
  readonly forbidden: Set<string>;
}

/** `required` and `required<suffix>`: traits, `!` forbidden ones (1.22), repeated and with `in:` (1.39). Throws 400. */
export function parseTraits(request: ApiRequest, suffix = ''): TraitFilter {
  const all = request.search.getAll(`required${suffix}`);
  const values = since(request, 39) ? all : all.slice(-1);
  const filter: TraitFilter = { required: [], forbidden: new Set() };
  for (const value of values) readTraits(value, since(request, 22), since(request, 39), filter);
  return filter;
}

/** Adds one value of a trait parameter to `filter`. */
export function readTraits(value: string, mayForbid: boolean, mayChoose: boolean, filter: TraitFilter): void {
  const bad = (text: string) => commonErrors.BadRequest(`Invalid query string parameters: ${text}`);
  if (value.startsWith('in:')) {
    if (!mayChoose)
      throw bad(`The format 'in:HW_CPU_X86_VMX,CUSTOM_MAGIC' only supported since microversion 1.39. Got: ${value}`);
    const any = value
      .slice(3)
      .split(',')
      .map((name) => name.trim());
    if (any.includes(''))
      throw bad(
        `Expected 'required' parameter value of the form: in:HW_CPU_X86_VMX,CUSTOM_MAGIC. Got an empty trait in: ${value}`,
      );
    if (any.some((name) => name.startsWith('!')))
      throw bad(`The format 'in:HW_CPU_X86_VMX,CUSTOM_MAGIC' does not support forbidden traits. Got: ${value}`);
    filter.required.push(new Set(any));
    return;
  }
  const names = value.split(',').map((name) => name.trim());
  const form = mayForbid ? 'HW_CPU_X86_VMX,!CUSTOM_MAGIC' : 'HW_CPU_X86_VMX,CUSTOM_MAGIC';
  if (names.some((name) => name.replace(/^!+/, '') === ''))
    throw bad(`Expected 'required' parameter value of the form: ${form}. Got an empty trait in: ${value}`);
  for (const name of names) {
    if (!name.startsWith('!')) filter.required.push(new Set([name]));
    else if (mayForbid) filter.forbidden.add(name.replace(/^!+/, ''));
    else throw bad(`Expected 'required' parameter value of the form: ${form}. Got: ${value}`);
  }
}

export interface AggregateFilter {
  readonly memberOf: Set<string>[];
  readonly notMemberOf: Set<string>;
}

/** `member_of` and `member_of<suffix>`: one, `in:` several, `!` none of (1.32), repeated (1.24). Throws 400. */
export function parseAggregates(request: ApiRequest, suffix = ''): AggregateFilter {
  const values = request.search.getAll(`member_of${suffix}`);
  if (values.length > 1 && !since(request, 24))
    throw commonErrors.BadRequest(`Multiple member_of${suffix} parameters are not supported`);
  const filter: AggregateFilter = { memberOf: [], notMemberOf: new Set() };
  for (const value of values) {
    if (value.includes(',') && !/^!?in:/.test(value))
      throw commonErrors.BadRequest(
        `Multiple values for 'member_of' must be prefixed with the 'in:' or '!in:' keyword using the valid microversion. Got: ${value}`,
      );
    const forbidden = value.startsWith('!');
    const names = value.replace(/^!?(in:)?/, '').split(',');
    for (const name of names)
      if (!isUuidLike(name))
        throw commonErrors.BadRequest(
          `Invalid query string parameters: Expected 'member_of' parameter to contain valid UUID(s). Got: ${name}`,
        );
    if (forbidden && !since(request, 32))
      throw commonErrors.BadRequest(
        `Forbidden member_of${suffix} parameters are not supported in the specified microversion`,
      );
    if (forbidden) for (const name of names) filter.notMemberOf.add(name);
    else filter.memberOf.push(new Set(names));
  }
  return filter;
}
