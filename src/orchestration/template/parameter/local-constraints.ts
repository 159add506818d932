// Custom constraints that need no service: addresses, host names, schedules, time zones, dates.
import { isIP, isIPv4, isIPv6 } from 'node:net';
import { quote, typeName, type Value } from '../value/index.ts';

/** The fault of a value, empty for one without words of its own, or null when it holds. */
type Check = (value: string) => string | null;

const labelLength = 63;
const nameLength = 255;

function hostName(value: string): string | null {
  if (value === '') return null;
  const trimmed = value.endsWith('.') ? value.slice(0, -1) : value;
  const labels = trimmed.split('.');
  if (trimmed.length > nameLength) return `'${trimmed}' exceeds the ${nameLength} character FQDN limit`;
  for (const label of labels) {
    if (label === '') return 'Encountered an empty component.';
    if (label.startsWith('-') || label.endsWith('-')) return `Name '${label}' must not start or end with a hyphen.`;
    if (!/^[a-z0-9-]{1,63}$/.test(label))
      return `Name '${label}' must be 1-${labelLength} characters long, each of which can only be alphanumeric or a hyphen.`;
  }
  const last = labels.at(-1) ?? '';
  return value.endsWith('.') && labels.length > 1 && /^[0-9]+$/.test(last)
    ? `TLD '${last}' must not be all numeric.`
    : null;
}

const dnsName: Check = (value) => {
  const fault = hostName(value);
  return fault === null ? null : `'${value}' not in valid format. Reason: ${fault}`;
};

const relativeName: Check = (value) => {
  if (value.endsWith('.')) return `'${value}' is a FQDN. It should be a relative domain name.`;
  if (value.length > nameLength - 3) {
    return `'${value}' contains '${value.length}' characters. Adding a domain name will cause it to exceed the maximum length of a FQDN of '${nameLength}'.`;
  }
  return dnsName(value);
};

const domain: Check = (value) => {
  if (value === '') return null;
  return dnsName(value) ?? (value.endsWith('.') ? null : `'${value}' must end with '.'.`);
};

const dotted = (address: string, mask: number): string => {
  const number = address.split('.').reduce((total, octet) => total * 256 + Number(octet), 0);
  const size = 2 ** (32 - mask);
  const first = Math.floor(number / size) * size;
  return [24, 16, 8, 0].map((shift) => Math.floor(first / 2 ** shift) % 256).join('.');
};

/** A prefix length, also given as a netmask; undefined for none. */
function maskLength(text: string, most: number): number | undefined {
  if (/^\d+$/.test(text)) return Number(text) <= most ? Number(text) : undefined;
  if (!isIPv4(text) || most !== 32) return undefined;
  const bits = text
    .split('.')
    .map((octet) => Number(octet).toString(2).padStart(8, '0'))
    .join('');
  return /^1*0*$/.test(bits) ? bits.replace(/0+$/, '').length : undefined;
}

interface Network {
  readonly address: string;
  readonly version: 4 | 6;
  readonly mask: number;
}

function network(value: string): Network | undefined {
  const [address = '', mask, ...rest] = value.split('/');
  if (rest.length > 0) return undefined;
  const short = /^\d{1,3}(?:\.\d{1,3}){0,2}$/.test(address)
    ? [...address.split('.'), '0', '0', '0'].slice(0, 4).join('.')
    : address;
  const version = isIP(short);
  if (version !== 4 && version !== 6) return undefined;
  const most = version === 4 ? 32 : 128;
  const length = mask === undefined ? most : maskLength(mask, most);
  return length === undefined ? undefined : { address: short, version, mask: length };
}

function subnet(value: string): string | null {
  const found = /\s/.test(value) ? undefined : network(value);
  if (!found) return `'${value}' is not a valid IP subnet`;
  if (value.includes('/') && (found.version === 6 || `${found.address}/${found.mask}` === value)) return null;
  const recommended = `${found.version === 4 ? dotted(found.address, found.mask) : found.address}/${found.mask}`;
  return `'${value}' isn't a recognized IP subnet cidr, '${recommended}' is recommended`;
}

const months = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ');
const days = 'sun mon tue wed thu fri sat'.split(' ');
const cronFields: readonly {
  readonly low: number;
  readonly high: number;
  readonly names: readonly string[];
  readonly from: number;
}[] = [
  { low: 0, high: 59, names: [], from: 0 },
  { low: 0, high: 23, names: [], from: 0 },
  { low: 1, high: 31, names: [], from: 0 },
  { low: 1, high: 12, names: months, from: 1 },
  { low: 0, high: 7, names: days, from: 0 },
  { low: 0, high: 59, names: [], from: 0 },
];

function cronPart(part: string, field: (typeof cronFields)[number], whole: string): string | null {
  const match = /^(\*|[a-z0-9]+)(?:-([a-z0-9]+))?(?:\/(\d+))?(?:#\d)?$/i.exec(part);
  const number = (text: string): number => {
    const at = field.names.indexOf(text.toLowerCase());
    return at >= 0 ? at + field.from : /^\d+$/.test(text) ? Number(text) : Number.NaN;
  };
  if (part === 'l' || part === 'L') return null;
  if (!match) return `[${whole}] is not acceptable`;
  const [, first = '', last, step] = match;
  if (step !== undefined && Number(step) === 0) return 'invalid range: range() arg 3 must not be zero';
  if (first === '*') return null;
  const low = number(first);
  const high = last === undefined ? low : number(last);
  if (Number.isNaN(low) || Number.isNaN(high)) return `[${whole}] is not acceptable`;
  if (low < field.low || high > field.high) return `[${whole}] is not acceptable, out of range`;
  return low > high ? `[${whole}] is not acceptable` : null;
}

function cron(value: string): string | null {
  if (value === '' || /^@(?:annually|yearly|monthly|weekly|daily|midnight|hourly)$/.test(value)) return null;
  const fields = value.trim().split(/\s+/);
  if (fields.length !== 5 && fields.length !== 6)
    return 'Exactly 5 or 6 columns has to be specified for iterator expression.';
  for (const [index, field] of fields.entries()) {
    const kind = cronFields[index];
    for (const part of field.split(',')) {
      const fault = kind ? cronPart(part, kind, value) : null;
      if (fault !== null) return fault;
    }
  }
  return null;
}

function zone(value: string): string | null {
  if (value === '') return null;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: value }) && null;
  } catch (cause) {
    if (cause instanceof RangeError) return quote(value);
    throw cause;
  }
}

const isoDate =
  /^\d{4}(?:-?\d{2}(?:-?\d{2}(?:[T ]?\d{2}(?::?\d{2}(?::?\d{2}(?:[.,]\d+)?)?)?(?:Z|[+-]\d{2}(?::?\d{2})?)?)?)?)?$/;
const macForms =
  /^(?:[0-9a-f]{1,2}(?::[0-9a-f]{1,2}){5}|[0-9a-f]{1,2}(?:-[0-9a-f]{1,2}){5}|[0-9a-f]{1,4}(?:[.:-][0-9a-f]{1,4}){2}|[0-9a-f]{5,6}[:-][0-9a-f]{5,6}|[0-9a-f]{12}|[0-9a-f]{11})$/i;
const address = (value: string): boolean =>
  !/\s/.test(value) && isIP(value) !== 0 && !(isIPv6(value) && value.includes('%'));

const checks: Readonly<Record<string, Check>> = {
  ip_addr: (value) => (address(value) ? null : 'Invalid IP address'),
  mac_addr: (value) => (macForms.test(value) ? null : 'Invalid MAC address.'),
  net_cidr: (value) => (network(value) ? subnet(value) : `Invalid net cidr invalid IPNetwork ${value} `),
  ip_or_cidr: (value) =>
    value.includes('/') ? subnet(value) : address(value) ? null : `'${value}' is not a valid IP address`,
  dns_name: dnsName,
  rel_dns_name: relativeName,
  dns_domain: domain,
  cron_expression: (value) => {
    const fault = cron(value);
    return fault === null ? null : `Invalid CRON expression: ${fault}`;
  },
  timezone: (value) => {
    const fault = zone(value);
    return fault === null ? null : `Invalid timezone: ${fault}`;
  },
  iso_8601: (value) => (isoDate.test(value) ? null : ''),
  // Whether a date has passed is for those who have a clock.
  expiration: (value) =>
    value === '' || isoDate.test(value.trim())
      ? null
      : `Expiration ${value} is invalid: Unable to parse date string '${value}'`,
};

/** Constraints that ask a service; where no one answers for it, they hold. */
const services = [
  'barbican',
  'blazar',
  'cinder',
  'designate',
  'glance',
  'ironic',
  'keystone',
  'magnum',
  'manila',
  'mistral',
  'monasca',
  'neutron',
  'nova',
  'octavia',
  'sahara',
  'senlin',
  'trove',
  'zaqar',
];

export const asksService = (name: string): boolean => services.includes(name.split('.')[0] ?? '') && name.includes('.');

/** The answer of a constraint that is computed here: undefined when it is none, null when the value holds, else the error's text. */
export function checkLocally(name: string, value: Value): string | null | undefined {
  // The constraint of OS::Heat::TestResource: values of any type hold.
  if (name === 'test_constr') return null;
  const check = Object.hasOwn(checks, name) ? checks[name] : undefined;
  if (!check) return undefined;
  const shown = typeof value === 'string' ? value : String(value);
  const fault =
    typeof value === 'string' ? check(value) : value === null ? null : `Invalid value of type ${typeName(value)}`;
  if (fault === null) return null;
  return `Error validating value '${shown}'${fault && `: ${fault}`}`;
}
