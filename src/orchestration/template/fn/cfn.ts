// Functions of CloudFormation templates: Fn::FindInMap, GetAZs, Select, Split, Base64, MemberListToMap.

import { keyError, TemplateError, typeError, valueError } from '../errors.ts';
import type { Evaluation } from '../evaluation.ts';
import {
  describeFault,
  isDict,
  JsonFault,
  type Key,
  lookup,
  readJson,
  str,
  toInteger,
  typeName,
  type Value,
} from '../value/index.ts';
import { Fn, isMap, resolve, type Snippet } from './fn.ts';
import type { Call } from './parse.ts';
import { hashable, unpack } from './unpack.ts';

function item(collection: Value, key: Value): Value {
  if (isDict(collection)) {
    hashable(key);
    const value = lookup(collection, key);
    if (value === undefined) throw keyError(key);
    return value;
  }
  if (Array.isArray(collection)) {
    if (typeof key !== 'number') throw typeError(`list indices must be integers or slices, not ${typeName(key)}`);
    const value = collection.at(key);
    if (value === undefined) throw new TemplateError('IndexError', 'list index out of range');
    return value;
  }
  if (typeof collection === 'string') throw typeError(`string indices must be integers, not '${typeName(key)}'`);
  throw typeError(`'${typeName(collection)}' object is not subscriptable`);
}

export class FindInMap extends Fn {
  private readonly keys: Snippet[];
  constructor(call: Call, args: Snippet) {
    super(call.scope, call.name, args);
    try {
      this.keys = unpack(args, 3);
    } catch (cause) {
      if (cause instanceof TemplateError && cause.type === 'ValueError') throw keyError(cause.message);
      throw cause;
    }
  }
  override result(evaluation: Evaluation): Value {
    const [map = null, key = null, name = null] = this.keys;
    const mapping = item(this.stack.mappings, resolve(map, evaluation));
    const row = resolve(key, evaluation);
    const column = resolve(name, evaluation);
    return item(item(mapping, row), column);
  }
}

export class GetAzs extends Fn {
  override result(): Value {
    return [...(this.scope?.zones ?? ['nova'])];
  }
}

export class Select extends Fn {
  private readonly index: Snippet;
  private readonly items: Snippet;
  constructor(call: Call, args: Snippet) {
    super(call.scope, call.name, args);
    try {
      [this.index = null, this.items = null] = unpack(args, 2);
    } catch (cause) {
      if (cause instanceof TemplateError && cause.type === 'ValueError')
        throw valueError(`Arguments to "${call.name}" must be of the form [index, collection]`);
      throw cause;
    }
  }
  override result(evaluation: Evaluation): Value {
    let index = resolve(this.index, evaluation);
    let items = resolve(this.items, evaluation);
    if (items === '') return '';
    if (typeof items === 'string') {
      try {
        items = readJson(items);
      } catch (cause) {
        if (cause instanceof JsonFault) throw valueError(`"${this.name}": ${describeFault(cause, str(items))}`);
        throw cause;
      }
    }
    if (isDict(items)) {
      if (typeof index !== 'string') throw typeError(`Index to "${this.name}" must be a string`);
      return items.get(index) ?? (items.has(index) ? null : '');
    }
    try {
      index = toInteger(index);
    } catch (cause) {
      if (!(cause instanceof TemplateError)) throw cause;
    }
    if (Array.isArray(items)) {
      if (typeof index !== 'number') throw typeError(`Index to "${this.name}" must be an integer`);
      const value = items.at(index);
      return value === undefined ? '' : value;
    }
    if (items === null) return '';
    throw typeError(`Arguments to ${this.name} not fully resolved`);
  }
}

export class Split extends Fn {
  private readonly delimiter: Snippet;
  private readonly text: Snippet;
  constructor(call: Call, args: Snippet) {
    super(call.scope, call.name, args);
    const wrong = `Incorrect arguments to "${call.name}" should be: "${call.name}" : [ ",", "str1,str2"]]`;
    if (typeof args === 'string' || isMap(args)) throw typeError(wrong);
    try {
      [this.delimiter = null, this.text = null] = unpack(args, 2);
    } catch (cause) {
      if (cause instanceof TemplateError && cause.type === 'ValueError') throw valueError(wrong);
      throw cause;
    }
  }
  override result(evaluation: Evaluation): Value {
    const text = resolve(this.text, evaluation);
    if (typeof this.delimiter !== 'string') throw typeError(`Delimiter for ${this.name} must be string`);
    if (typeof text !== 'string') throw typeError(`String to split must be string; got <class '${typeName(text)}'>`);
    if (this.delimiter === '') throw valueError('empty separator');
    return text.split(this.delimiter);
  }
}

export class Base64 extends Fn {
  override result(evaluation: Evaluation): Value {
    const text = resolve(this.args, evaluation);
    if (typeof text !== 'string') throw typeError(`"${this.name}" argument must be a string`);
    return text;
  }
}

export class MemberListToMap extends Fn {
  private readonly keyName: string;
  private readonly valueName: string;
  private readonly list: Snippet;
  constructor(call: Call, args: Snippet) {
    super(call.scope, call.name, args);
    let items: Snippet[];
    try {
      items = unpack(args, 3);
    } catch (cause) {
      if (!(cause instanceof TemplateError) || cause.type !== 'ValueError') throw cause;
      const correct =
        "\n            {'Fn::MemberListToMap': ['Name', 'Value',\n                                     ['.member.0.Name=key',\n                                      '.member.0.Value=door']]}\n            ";
      throw typeError(`Wrong Arguments try: "${correct}"`);
    }
    const [key = null, value = null, list = null] = items;
    if (typeof key !== 'string') throw typeError(`${call.name} Key Name must be a string`);
    if (typeof value !== 'string') throw typeError(`${call.name} Value Name must be a string`);
    this.keyName = key;
    this.valueName = value;
    this.list = list;
  }
  override result(evaluation: Evaluation): Value {
    const list = resolve(this.list, evaluation);
    const entries: readonly Value[] | undefined = Array.isArray(list)
      ? list
      : typeof list === 'string'
        ? [...list]
        : isDict(list)
          ? [...list.keys()]
          : undefined;
    if (!entries) throw typeError('Member list must be a list');
    const rows = new Map<number, Map<string, string>>();
    entries.forEach((entry, place) => {
      if (typeof entry !== 'string') throw typeError('Member list items must be strings');
      const cut = entry.indexOf('=');
      if (cut < 0) throw valueError(`dictionary update sequence element #${place} has length 1; 2 is required`);
      const match = /^\.member\.([0-9]+)\.(.*)/.exec(entry.slice(0, cut));
      if (!match) return;
      const index = Number(match[1]);
      const row = rows.get(index) ?? new Map<string, string>();
      row.set(match[2] ?? '', entry.slice(cut + 1));
      rows.set(index, row);
    });
    const result = new Map<Key, Value>();
    for (const [, row] of [...rows].sort(([a], [b]) => a - b)) {
      const key = row.get(this.keyName);
      const value = row.get(this.valueName);
      if (key !== undefined && value !== undefined) result.set(key, value);
    }
    return result;
  }
}
