// The value types that os-apply-config --type checks.
import { AgentError } from '../../errors.ts';

const dsn = [
  /^[a-zA-Z0-9]+:\/\//, // driver
  /(?:[a-zA-Z0-9+_-]+(?::[^@]+)?)?/, // user and password
  /(?:@?[a-zA-Z0-9/_.:-]+)?/, // host and port, or a file
  /(?:\/[a-zA-Z0-9_-]+)?/, // database
  /(?:\?[a-zA-Z0-9=_-]+)?$/, // one variable
];

const types: Readonly<Record<string, RegExp>> = {
  int: /^[0-9]+$/,
  default: /^[A-Za-z0-9_]*$/,
  netaddress: /^[A-Za-z0-9/.:-]*$/,
  netdevice: /^[A-Za-z0-9/.:-]*$/,
  dsn: new RegExp(dsn.map((part) => part.source).join('')),
  swiftdevices: /^(?:r\d+z\d+-[A-Za-z0-9._-]+:%PORT%\/[^,]+,?)+$/,
  username: /^[A-Za-z0-9_-]+$/,
  raw: /^/,
};

/** Returns the text when it has the named type. Throws AgentError `valueType`. */
export function ensureType(text: string, type: string): string {
  const pattern = types[type];
  if (!pattern) throw new AgentError('valueType', `unknown type ${type}: one of ${Object.keys(types).join(', ')}`);
  if (!pattern.test(text)) throw new AgentError('valueType', `cannot interpret value '${text}' as type ${type}`);
  return text;
}

/** A value as os-apply-config prints it: Python's words for truth, JSON for lists and objects. */
export function printed(value: unknown): string {
  if (value === true) return 'True';
  if (value === false) return 'False';
  if (value === null || value === undefined) return 'None';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
