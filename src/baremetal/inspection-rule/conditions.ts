// The conditions of inspection rules: does what was found look like this?
import { BlockList, isIP } from 'node:net';
import { textOf } from './values.ts';

export type Args = Readonly<Record<string, unknown>>;

/** Name -> the arguments it needs, and whether they hold. */
export const operators: Readonly<Record<string, { needs: readonly string[]; holds: (args: Args) => boolean }>> = {
  'is-true': { needs: ['value'], holds: ({ value }) => truth(value) === true },
  'is-false': { needs: ['value'], holds: ({ value }) => value === null || truth(value) === false },
  'is-none': { needs: ['value'], holds: ({ value }) => value === null || value === undefined || value === 'None' },
  'is-empty': { needs: ['value'], holds: ({ value }) => isEmpty(value) },
  eq: { needs: ['values'], holds: (args) => pairs(args).every(([a, b]) => same(a, b, args)) },
  ne: { needs: ['values'], holds: (args) => pairs(args).every(([a, b]) => !same(a, b, args)) },
  le: { needs: ['values'], holds: (args) => pairs(args).every(([a, b]) => Number(a) <= Number(b)) },
  ge: { needs: ['values'], holds: (args) => pairs(args).every(([a, b]) => Number(a) >= Number(b)) },
  lt: { needs: ['values'], holds: (args) => pairs(args).every(([a, b]) => Number(a) < Number(b)) },
  gt: { needs: ['values'], holds: (args) => pairs(args).every(([a, b]) => Number(a) > Number(b)) },
  'in-net': { needs: ['address', 'subnet'], holds: ({ address, subnet }) => inNet(textOf(address), textOf(subnet)) },
  contains: { needs: ['value', 'regex'], holds: ({ value, regex }) => pattern(textOf(regex), '').test(textOf(value)) },
  matches: {
    needs: ['value', 'regex'],
    holds: ({ value, regex }) => pattern(textOf(regex), 'whole').test(textOf(value)),
  },
  'one-of': {
    needs: ['value', 'values'],
    holds: (args) => Array.isArray(args.values) && args.values.some((one) => same(one, args.value, args)),
  },
};

/** `!eq` is the opposite of `eq`. */
export function operatorOf(op: string): { name: string; inverted: boolean } {
  const inverted = op.startsWith('!');
  return { name: inverted ? op.slice(1).trim() : op, inverted };
}

function truth(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value;
  if (typeof value === 'number') return value !== 0;
  if (/^(true|yes|on|t|y|1)$/i.test(textOf(value))) return true;
  return /^(false|no|off|f|n|0)$/i.test(textOf(value)) ? false : undefined;
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === '' || value === 'None') return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}

/** Neighbours in the list of values: each is compared with the next. */
function pairs({ values }: Args): (readonly [unknown, unknown])[] {
  if (!Array.isArray(values)) return [];
  return values.slice(1).map((one, index) => [values[index], one] as const);
}

function same(a: unknown, b: unknown, { force_strings: asText }: Args): boolean {
  return asText === true ? textOf(a) === textOf(b) : JSON.stringify(a) === JSON.stringify(b);
}

/** Whether the address is in the subnet (CIDR form); false for texts that are none. */
export function inNet(address: string, subnet: string): boolean {
  const [network = '', prefix] = subnet.split('/');
  const [own, asked] = [isIP(network), isIP(address)];
  if (own === 0 || asked === 0) return false;
  const most = own === 6 ? 128 : 32;
  if (prefix !== undefined && !(/^\d{1,3}$/.test(prefix) && Number(prefix) <= most)) return false;
  const list = new BlockList();
  list.addSubnet(network, prefix === undefined ? most : Number(prefix), own === 6 ? 'ipv6' : 'ipv4');
  return list.check(address, asked === 6 ? 'ipv6' : 'ipv4');
}

/** Python writes flags in front: `(?i)dell`. Throws SyntaxError for what is no pattern. */
export function pattern(text: string, how: 'whole' | ''): RegExp {
  const [, flags = '', rest = ''] = /^(?:\(\?([ims]+)\))?([\s\S]*)$/.exec(text) ?? [];
  return new RegExp(how === 'whole' ? `^(?:${rest})` : rest, flags);
}
