// Functions on texts: str_replace and its strict forms, list_join, str_split, digest.
import { createHash, getHashes } from 'node:crypto';
import { attributeError, TemplateError, typeError, valueError } from '../errors.ts';
import type { Evaluation } from '../evaluation.ts';
import { checkLength, joinBounded, splitBounded } from '../value/bounds.ts';
import {
  compare,
  Float,
  isDict,
  jsonText,
  type Key,
  quote,
  repr,
  str,
  toInteger,
  typeName,
  type Value,
} from '../value/index.ts';
import { Fn, isMap, resolve, type Snippet } from './fn.ts';
import type { Call } from './parse.ts';
import { unpack } from './unpack.ts';

export interface ReplaceForm {
  /** Arguments as a list [params, template] (Fn::Replace). */
  readonly list?: boolean;
  /** Lists and maps are put in as JSON. */
  readonly json?: boolean;
  readonly strict?: boolean;
  readonly emptyAllowed?: boolean;
}

export class Replace extends Fn {
  private readonly form: ReplaceForm;
  private readonly mapping: Snippet;
  private readonly text: Snippet;
  constructor(call: Call, args: Snippet, form: ReplaceForm) {
    super(call.scope, call.name, args);
    this.form = form;
    [this.mapping, this.text] = form.list ? this.fromList(args) : this.fromMap(args);
    if (!isMap(this.mapping) && !(this.mapping instanceof Fn))
      throw typeError(`"${this.name}" parameters must be a mapping`);
  }

  private fromMap(args: Snippet): [Snippet, Snippet] {
    if (!isMap(args)) throw typeError(`Arguments to "${this.name}" must be a map`);
    const mapping = args.get('params');
    const text = args.get('template');
    if (mapping === undefined || text === undefined) {
      const example = `${this.name}:\n              template: This is var1 template var2\n              params:\n                var1: a\n                var2: string`;
      throw new TemplateError('KeyError', repr(`"${this.name}" syntax should be ${example}`));
    }
    return [mapping, text];
  }

  private fromList(args: Snippet): [Snippet, Snippet] {
    const wrong = `Incorrect arguments to "${this.name}" should be: {"${this.name}": [ {"$var1": "foo", "%var2%": "bar"}, "$var1 is %var2%"]}`;
    if (typeof args === 'string' || isMap(args)) throw typeError(wrong);
    try {
      const [mapping = null, text = null] = unpack(args, 2);
      return [mapping, text];
    } catch (cause) {
      if (cause instanceof TemplateError && cause.type === 'ValueError') throw valueError(wrong);
      throw cause;
    }
  }

  private replacement(value: Value, param: string): string {
    const empty = () =>
      valueError(`${this.name} has an undefined or empty value for param ${param}, must be a defined non-empty value`);
    const emptyAllowed = this.form.emptyAllowed ?? true;
    if (value === null) {
      if (!emptyAllowed) throw empty();
      return '';
    }
    if (isDict(value) || Array.isArray(value)) {
      if (!this.form.json)
        throw typeError(`"${this.name}" params must be strings or numbers, param ${param} is not valid`);
      if (!emptyAllowed && (isDict(value) ? value.size : value.length) === 0) throw empty();
      try {
        return jsonText(value, { sortKeys: true });
      } catch (cause) {
        if (cause instanceof TemplateError && cause.type === 'TypeError') {
          throw typeError(
            `"${this.name}" params must be strings, numbers, list or map. Failed to json serialize ${str(value)}`,
          );
        }
        throw cause;
      }
    }
    const text = str(value);
    if (!emptyAllowed && text === '') throw empty();
    return text;
  }

  override result(evaluation: Evaluation): Value {
    const text = resolve(this.text, evaluation);
    const mapping = resolve(this.mapping, evaluation);
    const { strict = false } = this.form;
    if (strict && !isDict(mapping) && !Array.isArray(mapping) && typeof mapping !== 'string')
      throw typeError(`'${typeName(mapping)}' object is not iterable`);
    if (typeof text !== 'string') throw typeError(`"${this.name}" template must be a string`);
    if (!isDict(mapping)) throw typeError(`"${this.name}" params must be a map`);
    const keys = ordered([...mapping.keys()], this.name);
    const unused = new Set(keys);
    const replace = (parts: string[], from: number): string[] => {
      const key = keys[from];
      if (key === undefined) return parts;
      if (typeof key !== 'string') throw typeError(`"${this.name}" param placeholders must be strings`);
      const value = this.replacement(mapping.get(key) ?? null, key);
      return parts.map((part) => {
        if (key === '') throw valueError('empty separator');
        const pieces = splitBounded(part, key);
        if (pieces.length > 1) unused.delete(key);
        return joinBounded(replace(pieces, from + 1), value);
      });
    };
    const [replaced = ''] = replace([text], 0);
    if (strict && unused.size > 0)
      throw valueError(
        `The following params were not found in the template: ${keys.filter((key) => unused.has(key)).join(',')}`,
      );
    return replaced;
  }
}

/** Longest first, then in order: the order in which placeholders are looked for. */
function ordered(keys: Key[], name: string): Key[] {
  const sorted = keys.sort((a, b) => compare(a, b));
  const lengths = sorted.map((key) => {
    if (typeof key === 'string') return [...key].length;
    throw typeError(name === '' ? '' : `object of type '${typeName(key)}' has no len()`);
  });
  return sorted
    .map((key, index) => ({ key, length: lengths[index] ?? 0 }))
    .sort((a, b) => b.length - a.length)
    .map(({ key }) => key);
}

const cut = (text: string): string => [...text].slice(0, 200).join('');

/** list_join of the first versions: one list of texts. */
export class Join extends Fn {
  private readonly delimiter: Snippet;
  private readonly items: Snippet;
  constructor(call: Call, args: Snippet) {
    super(call.scope, call.name, args);
    const wrong = `Incorrect arguments to "${call.name}" should be: "${call.name}" : [ " ", [ "str1", "str2"]]`;
    if (!Array.isArray(args)) throw typeError(wrong);
    if (args.length !== 2) throw valueError(wrong);
    [this.delimiter = null, this.items = null] = args;
  }
  override result(evaluation: Evaluation): Value {
    const items = resolve(this.items, evaluation) ?? [];
    if (!Array.isArray(items)) throw typeError(`"${this.name}" must operate on a list`);
    const delimiter = resolve(this.delimiter, evaluation);
    if (typeof delimiter !== 'string') throw typeError(`"${this.name}" delimiter must be a string`);
    return joinBounded(
      items.map((item) => {
        if (item === null) return '';
        if (typeof item !== 'string') throw typeError(`Items to join must be strings not ${cut(repr(item))}`);
        return item;
      }),
      delimiter,
    );
  }
}

/** list_join since 2015-10-15: several lists, maps and lists as JSON. */
export class JoinMultiple extends Fn {
  private readonly delimiter: Snippet;
  private readonly lists: Snippet[];
  constructor(call: Call, args: Snippet) {
    super(call.scope, call.name, args);
    const wrong = `Incorrect arguments to "${call.name}" should be: "${call.name}" : [ " ", [ "str1", "str2"] ...]`;
    if (!Array.isArray(args)) throw typeError(wrong);
    const [delimiter, ...lists] = args;
    if (delimiter === undefined || lists.length === 0) throw valueError(wrong);
    this.delimiter = delimiter;
    this.lists = lists;
  }
  override result(evaluation: Evaluation): Value {
    const items: Value[] = [];
    const lists = resolve(this.lists, evaluation);
    for (const list of Array.isArray(lists) ? lists : []) {
      if (Array.isArray(list)) {
        checkLength(items.length + list.length);
        for (const item of list) items.push(item);
      } else if (
        !(
          list === null ||
          list === false ||
          list === '' ||
          list === 0 ||
          (isDict(list) && list.size === 0) ||
          (list instanceof Float && list.value === 0)
        )
      ) {
        throw typeError(`"${this.name}" must operate on a list`);
      }
    }
    const delimiter = resolve(this.delimiter, evaluation);
    if (typeof delimiter !== 'string') throw typeError(`"${this.name}" delimiter must be a string`);
    return joinBounded(
      items.map((item) => {
        if (item === null) return '';
        if (typeof item === 'string') return item;
        if (!isDict(item) && !Array.isArray(item))
          throw typeError(`Items to join must be string, map or list not ${cut(repr(item))}`);
        try {
          return jsonText(item, { sortKeys: true });
        } catch (cause) {
          if (cause instanceof TemplateError && cause.type === 'TypeError') {
            throw typeError(`Items to join must be string, map or list. ${cut(repr(item))} failed json serialization`);
          }
          throw cause;
        }
      }),
      delimiter,
    );
  }
}

export class StrSplit extends Fn {
  constructor(call: Call, args: Snippet) {
    super(call.scope, call.name, args);
    if (typeof args === 'string' || isMap(args)) throw typeError(this.wrong('arguments'));
  }
  private wrong(what: string): string {
    return `Incorrect ${what} to "${this.name}" should be: "${this.name}" : [ ",", "apples,pears", <index>]`;
  }
  override result(evaluation: Evaluation): Value {
    const args = resolve(this.args, evaluation);
    if (isDict(args)) throw new TemplateError('KeyError', '0');
    if (!Array.isArray(args) || args.length < 2) throw valueError(this.wrong('arguments'));
    const [delimiter = null, text = null, index] = args;
    if (text === null) return null;
    if (typeof text !== 'string') throw attributeError(`'${typeName(text)}' object has no attribute 'split'`);
    const parts = splitText(text, delimiter);
    if (index === undefined) return parts;
    let place: number;
    try {
      place = Number(toInteger(index));
    } catch (cause) {
      if (cause instanceof TemplateError && cause.type === 'ValueError') throw valueError(this.wrong('index'));
      throw cause;
    }
    const part = parts.at(place);
    if (part === undefined)
      throw valueError(`Incorrect index to "${this.name}" should be between 0 and ${parts.length - 1}`);
    return part;
  }
}

/** Python's str.split(). */
export function splitText(text: string, delimiter: Value): string[] {
  if (delimiter === null) return text.split(/\s+/).filter((part) => part !== '');
  if (typeof delimiter !== 'string') throw typeError(`must be str or None, not ${typeName(delimiter)}`);
  if (delimiter === '') throw valueError('empty separator');
  return splitBounded(text, delimiter);
}

/** Names Python's hashlib and OpenSSL give the same algorithm differently. */
const opensslNames: Readonly<Record<string, string>> = {
  sha3_224: 'sha3-224',
  sha3_256: 'sha3-256',
  sha3_384: 'sha3-384',
  sha3_512: 'sha3-512',
  blake2b: 'blake2b512',
  blake2s: 'blake2s256',
  sha512_224: 'sha512-224',
  sha512_256: 'sha512-256',
};
const guaranteed = [
  'md5',
  'sha1',
  'sha224',
  'sha256',
  'sha384',
  'sha512',
  ...Object.keys(opensslNames),
  'md5-sha1',
  'ripemd160',
  'sm3',
  'shake_128',
  'shake_256',
];

export class Digest extends Fn {
  override result(evaluation: Evaluation): Value {
    const args = resolve(this.args, evaluation);
    if (!Array.isArray(args) || !args.every((item) => typeof item === 'string'))
      throw typeError(`Argument to function "${this.name}" must be a list of strings`);
    if (args.length !== 2) throw valueError(`Function "${this.name}" usage: ["<algorithm>", "<value>"]`);
    const [algorithm = '', text = ''] = args;
    const name = algorithm.toLowerCase();
    if (!guaranteed.includes(name)) throw valueError(`Algorithm must be one of {${guaranteed.map(quote).join(', ')}}`);
    const wide = text.search(/[^\0-\xff]/);
    if (wide >= 0) throw new TemplateError('UnicodeEncodeError', encodeFault(text, wide));
    if (name.startsWith('shake_')) throw typeError("hexdigest() missing required argument 'length' (pos 1)");
    const known = opensslNames[name] ?? name;
    if (!getHashes().some((hash) => hash.toLowerCase() === known))
      throw valueError(`unsupported hash type ${algorithm}`);
    return createHash(known).update(Buffer.from(text, 'latin1')).digest('hex');
  }
}

function encodeFault(text: string, first: number): string {
  const chars = [...text];
  let last = first;
  while ((chars[last + 1]?.codePointAt(0) ?? 0) > 255) last++;
  const where =
    last === first
      ? `character ${quote(chars[first] ?? '').includes('\\') ? quote(chars[first] ?? '') : `'${unicodeEscape(chars[first] ?? '')}'`} in position ${first}`
      : `characters in position ${first}-${last}`;
  return `'latin-1' codec can't encode ${where}: ordinal not in range(256)`;
}

function unicodeEscape(char: string): string {
  const code = char.codePointAt(0) ?? 0;
  return code < 0x10000 ? `\\u${code.toString(16).padStart(4, '0')}` : `\\U${code.toString(16).padStart(8, '0')}`;
}
