// make_url: a URL of its parts.
import { attributeError, TemplateError, typeError, valueError } from '../errors.ts';
import type { Evaluation } from '../evaluation.ts';
import { isDict, isInteger, repr, str, toInteger, truthy, typeName, type Value } from '../value/index.ts';
import { Fn, isMap, resolve, type Snippet, validate } from './fn.ts';

const parts = ['scheme', 'username', 'password', 'host', 'port', 'path', 'query', 'fragment'] as const;
/** Schemes that take `//` even without a host. */
const withAuthority = new Set(
  'ftp http gopher nntp telnet imap wais file mms https shttp snews prospero rtsp rtspu rsync svn svn+ssh sftp nfs git git+ssh ws wss'.split(
    ' ',
  ),
);

/** Percent-encodes all but letters, digits, `_.-~` and the characters in `safe`. */
function encode(text: string, safe: string): string {
  let out = '';
  for (const char of text) {
    if (/[A-Za-z0-9_.~-]/.test(char) || safe.includes(char)) out += char;
    else for (const byte of Buffer.from(char, 'utf8')) out += `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return out;
}

const encodePlus = (text: string): string => encode(text, ' ').replaceAll(' ', '+');

export class MakeUrl extends Fn {
  private check(args: Snippet): void {
    if (!isMap(args)) {
      if (args === null || typeof args === 'number' || typeof args === 'boolean')
        throw typeError(`argument of type '${typeName(args)}' is not iterable`);
      return;
    }
    for (const part of parts) {
      const value = args.get(part);
      if (value === undefined && !args.has(part)) continue;
      if (part === 'query') {
        if (!(value instanceof Fn) && !(value !== undefined && isMap(value)))
          throw typeError(`The "${part}" argument to "${this.name}" must be a map`);
        return;
      }
      if (part === 'port') this.checkPort(value ?? null, args);
      else if (!(value instanceof Fn) && typeof value !== 'string')
        throw typeError(`The "${part}" argument to "${this.name}" must be a string`);
    }
  }

  private checkPort(value: Snippet, args: Snippet): void {
    if (value instanceof Fn || typeof value === 'symbol') return;
    let port: number | bigint;
    if (isInteger(value)) port = value;
    else {
      try {
        if (Array.isArray(value) || isMap(value))
          throw typeError(
            `int() argument must be a string, a bytes-like object or a real number, not '${typeName(value)}'`,
          );
        port = toInteger(value);
      } catch (cause) {
        if (cause instanceof TemplateError && cause.type === 'ValueError')
          throw valueError(
            `Invalid URL port "${str(typeof value === 'string' ? value : null)}" for ${this.name} called with ${repr(args)}`,
          );
        throw cause;
      }
    }
    if (!(port > 0 && port <= 65535)) throw valueError(`Invalid URL port ${port}, must be in range 1-65535`);
  }

  override validate(evaluation: Evaluation): void {
    validate(this.args, evaluation);
    if (!isMap(this.args)) throw typeError(`The arguments to "${this.name}" must be a map`);
    const wrong = [...this.args.keys()].filter((key) => !parts.some((part) => part === key));
    if (wrong.length > 0) throw valueError(`Invalid arguments to "${this.name}": ${wrong.map(String).join(', ')}`);
    this.check(this.args);
  }

  override result(evaluation: Evaluation): Value {
    const args = resolve(this.args, evaluation);
    this.check(args);
    if (!isDict(args)) throw attributeError(`'${typeName(args)}' object has no attribute 'get'`);
    const text = (part: string): string => str(args.get(part) ?? '');
    const scheme = text('scheme');
    if (scheme.includes(':')) throw valueError(`URL "scheme" should not contain ':'`);
    const username = encode(text('username'), '');
    const password = encode(text('password'), '');
    let host = text('host');
    if (host.startsWith('[') && host.endsWith(']')) host = host.slice(1, -1);
    host = encode(host, ':');
    if (host.includes(':')) host = `[${host}]`;
    const port = args.get('port') ?? '';
    const user = username || password ? `${username}${password && `:${password}`}@` : '';
    const authority = `${user}${host}${truthy(port) ? `:${str(port)}` : ''}`;
    const query = args.get('query') ?? new Map();
    const pairs = isDict(query)
      ? [...query].map(([key, value]) => `${encodePlus(str(key))}=${encodePlus(str(value))}`)
      : [];
    return unsplit(
      scheme,
      authority,
      encode(text('path'), '/'),
      pairs.join('&').replaceAll('%2F', '/'),
      encode(text('fragment'), '/'),
    );
  }
}

function unsplit(scheme: string, authority: string, path: string, query: string, fragment: string): string {
  let url = path;
  if (authority || (scheme && withAuthority.has(scheme) && !url.startsWith('//')))
    url = `//${authority}${url && !url.startsWith('/') ? '/' : ''}${url}`;
  if (scheme) url = `${scheme}:${url}`;
  if (query) url += `?${query}`;
  if (fragment) url += `#${fragment}`;
  return url;
}
