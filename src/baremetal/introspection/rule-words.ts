// Translates the words of Ironic Inspector's rules into those of our inspection rules.
import { isIP } from 'node:net';
import { pattern } from '../inspection-rule/conditions.ts';
import { errors } from './errors.ts';

export interface Condition {
  readonly op: string;
  readonly field: string;
  readonly multiple?: 'any' | 'all' | 'first';
  readonly invert?: boolean;
  readonly [argument: string]: unknown;
}

export interface Action {
  readonly action: string;
  readonly [argument: string]: unknown;
}

type Args = Readonly<Record<string, unknown>>;
interface Part {
  readonly op: string;
  readonly args: Args;
  readonly loop?: string;
  readonly multiple?: 'any' | 'all' | 'first';
}

/** A rule of the one property by which nodes choose scopes. */
export function scopeCondition(scope: string): Part {
  return { op: 'eq', args: { values: ['{node.properties.inspection_scope}', scope] } };
}

/** Where a field stands: a place, or a place of each of a list. */
interface Place {
  readonly value: string;
  readonly loop?: string;
}

/** Each takes the place and the condition's `value`, and answers the operator with its arguments. */
const operators: Readonly<Record<string, (place: string, value: unknown, at: string) => Part>> = {
  eq: (place, value) => equality('eq', place, value),
  ne: (place, value) => equality('ne', place, value),
  ...Object.fromEntries(
    ['lt', 'le', 'gt', 'ge'].map((op) => [
      op,
      (place: string, value: unknown, at: string) => {
        if (typeof value !== 'number') throw errors.BadRule(`${at}.value`, 'must be a number here');
        return { op, args: { values: [place, value] } };
      },
    ]),
  ),
  'in-net': (address, subnet, at) => {
    if (typeof subnet !== 'string' || isIP(subnet.split('/')[0] ?? '') === 0)
      throw errors.BadRule(`${at}.value`, 'must be a network such as 10.0.0.0/8');
    return { op: 'in-net', args: { address, subnet } };
  },
  // Inspector wants the whole text to fit; ours begins at its beginning.
  matches: (value, regex, at) => ({
    op: 'matches',
    args: { value, regex: `${expression(regex, at).replace(/\$$/, '')}$` },
  }),
  contains: (value, regex, at) => ({ op: 'contains', args: { value, regex: expression(regex, at) } }),
  'is-empty': (value) => ({ op: 'is-empty', args: { value } }),
};

/** A number compares with what reads like it; of nothing there is just being so. */
function equality(op: 'eq' | 'ne', place: string, value: unknown): Part {
  if (value === null) return { op: op === 'eq' ? 'is-none' : '!is-none', args: { value: place } };
  return { op, args: { values: [place, value], ...(typeof value === 'number' ? { force_strings: true } : {}) } };
}

function expression(regex: unknown, at: string): string {
  if (typeof regex !== 'string') throw errors.BadRule(`${at}.value`, 'must be a regular expression');
  try {
    pattern(regex, '');
  } catch {
    throw errors.BadRule(`${at}.value`, `"${regex}" is no regular expression here`);
  }
  return regex;
}

/** What is not there fits no condition, inverted or not, but `is-empty`: so each comes with the question whether it is there. */
export function translatedCondition(condition: Condition, index: number): Part[] {
  const at = `conditions[${index}]`;
  const { op, field, multiple = 'any', invert = false, value, ...others } = condition;
  const make = Object.hasOwn(operators, op) ? operators[op] : undefined;
  if (!make) throw errors.BadRule(`${at}.op`, `"${op}" is none of ${Object.keys(operators).join(', ')}`);
  refuseOthers(at, others);
  if (op === 'is-empty' ? 'value' in condition : !('value' in condition))
    throw errors.BadRule(`${at}.value`, op === 'is-empty' ? 'has no place here' : 'is missing');
  const place = placeOf(field, `${at}.field`);
  const made = make(place.value, value, at);
  const whole = { ...made, op: invert ? inverted(made.op) : made.op };
  if (place.loop === undefined) {
    const there = op === 'is-empty' || value === null ? [] : [{ op: '!is-none', args: { value: place.value } }];
    return [...there, whole];
  }
  if (op === 'is-empty') throw errors.BadRule(`${at}.field`, 'names each of a list; is-empty asks for the list itself');
  return [
    { op: '!is-empty', args: { value: place.loop } },
    { ...whole, loop: place.loop, multiple },
  ];
}

function inverted(op: string): string {
  return op.startsWith('!') ? op.slice(1) : `!${op}`;
}

function refuseOthers(at: string, others: Readonly<Record<string, unknown>>): void {
  const [name] = Object.keys(others);
  if (name !== undefined) throw errors.BadRule(`${at}.${name}`, 'is not known here');
}

const step = /^(?:\.?([A-Za-z_][\w-]*|\*)|\[(\d+|\*|'[^']+'|"[^"]+")\])/;

/** The steps of a JSON path: names, indices and `*`. */
function stepsOf(path: string, at: string): string[] {
  const steps: string[] = [];
  let rest = path.replace(/^\$\.?/, '');
  while (rest !== '') {
    const [found, name, index] = step.exec(rest) ?? [];
    if (found === undefined)
      throw errors.BadRule(
        at,
        `"${path}" cannot be translated: names, indices and one * are, as in inventory.disks[*].size`,
      );
    steps.push(name ?? (index ?? '').replace(/^['"]|['"]$/g, ''));
    rest = rest.slice(found.length);
  }
  if (steps.length === 0) throw errors.BadRule(at, 'is empty');
  const odd = steps.find((one) => /[./[\]{}]/.test(one));
  if (odd !== undefined) throw errors.BadRule(at, `has the name "${odd}", which cannot be translated`);
  return steps;
}

/** Inspector's names of an interface's parts, and ours. */
const interfaceParts: Readonly<Record<string, string>> = {
  mac: 'mac_address',
  ip: 'ipv4_address',
  pxe: 'pxe_enabled',
  client_id: 'client_id',
};

/** Where our rules find what Inspector's data have there. */
function ourSteps([root = '', ...rest]: readonly string[], at: string): string[] {
  if (root === 'inventory') return [root, ...rest];
  if (root === 'auto_discovered') return ['node', root, ...rest];
  if (root !== 'interfaces' && root !== 'all_interfaces') return ['plugin_data', root, ...rest];
  const ours = ['plugin_data', root === 'interfaces' ? 'valid_interfaces' : root];
  const [name, part, ...more] = rest;
  if (name === undefined || part === undefined) return [...ours, ...rest];
  const known = interfaceParts[part];
  if (known === undefined || more.length > 0)
    throw errors.BadRule(
      at,
      `"${rest.slice(1).join('.')}" of an interface cannot be translated; ${Object.keys(interfaceParts).join(', ')} are`,
    );
  return [...ours, name, known];
}

function written([root = '', ...rest]: readonly string[]): string {
  return `{${root}${rest.map((one) => `[${one}]`).join('')}}`;
}

function placeOf(field: string, at: string): Place {
  const [, scheme = 'data', path = ''] = /^(?:(\w+):\/\/)?([\s\S]*)$/.exec(field) ?? [];
  if (scheme !== 'data' && scheme !== 'node')
    throw errors.BadRule(at, `begins with ${scheme}://; data:// and node:// are known`);
  const steps = stepsOf(path, at);
  const ours = scheme === 'node' ? ['node', ...steps] : ourSteps(steps, at);
  const star = ours.indexOf('*');
  if (star < 0) return { value: written(ours) };
  if (ours.indexOf('*', star + 1) >= 0) throw errors.BadRule(at, 'has more than one *, which cannot be translated');
  return { loop: written(ours.slice(0, star)), value: written(['item', ...ours.slice(star + 1)]) };
}

interface Words {
  readonly op: string;
  readonly needs: readonly string[];
  readonly may?: readonly string[];
}

const actions: Readonly<Record<string, Words>> = {
  fail: { op: 'fail', needs: ['message'] },
  'set-attribute': { op: 'set-attribute', needs: ['path', 'value'] },
  'set-capability': { op: 'set-capability', needs: ['name', 'value'] },
  'extend-attribute': { op: 'extend-attribute', needs: ['path', 'value'], may: ['unique'] },
  'add-trait': { op: 'add-trait', needs: ['name'] },
  'remove-trait': { op: 'remove-trait', needs: ['name'] },
};

export function translatedAction({ action, ...args }: Action, index: number): Part {
  const at = `actions[${index}]`;
  const known = Object.hasOwn(actions, action) ? actions[action] : undefined;
  if (!known) throw errors.BadRule(`${at}.action`, `"${action}" is none of ${Object.keys(actions).join(', ')}`);
  const missing = known.needs.find((name) => !(name in args));
  if (missing !== undefined) throw errors.BadRule(`${at}.${missing}`, 'is missing');
  const extra = Object.keys(args).find((name) => !known.needs.includes(name) && !known.may?.includes(name));
  if (extra !== undefined) throw errors.BadRule(`${at}.${extra}`, 'is not known here');
  const { message, path, value, ...rest } = args;
  if ('path' in args && (typeof path !== 'string' || /[.[\]]/.test(path)))
    throw errors.BadRule(`${at}.path`, 'must be a path such as /driver_info/ipmi_address, without dots and brackets');
  return {
    op: known.op,
    args: {
      ...rest,
      ...('path' in args ? { path } : {}),
      ...('message' in args ? { msg: message } : {}),
      ...('value' in args ? { value: translatedValue(value, `${at}.value`) } : {}),
    },
  };
}

/** Python's format strings: `{data[inventory][bmc_address]}`, at any depth. */
function translatedValue(value: unknown, at: string): unknown {
  if (Array.isArray(value)) return value.map((one, index) => translatedValue(one, `${at}[${index}]`));
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, translatedValue(one, `${at}.${key}`)]));
  if (typeof value !== 'string') return value;
  return value.replace(/\{data((?:\[[^[\]{}]+\])+)\}|[{}]/g, (found, path: string | undefined) => {
    if (path === undefined) throw errors.BadRule(at, `has the brace "${found}", which is no {data[NAME]...}`);
    const steps = stepsOf(path.replace(/\[(?!\d+\])([^\]]+)\]/g, "['$1']"), at);
    return written(ourSteps(steps, at));
  });
}
