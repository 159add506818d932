// Functions on lists and maps: list_concat, filter, contains, map_merge, map_replace, repeat.
import { attributeError, limitExceeded, TemplateError, typeError, valueError } from '../errors.ts';
import type { Evaluation } from '../evaluation.ts';
import { checkLength } from '../value/bounds.ts';
import {
  type Dict,
  equal,
  isDict,
  isKey,
  jsonText,
  type Key,
  lookup,
  str,
  truthy,
  typeName,
  type Value,
} from '../value/index.ts';
import { put } from '../value/put.ts';
import { Fn, isMap, resolve, type Snippet, validate } from './fn.ts';
import type { Call } from './parse.ts';
import { hashable, isSequence } from './unpack.ts';

export class ListConcat extends Fn {
  private readonly unique: boolean;
  constructor(call: Call, args: Snippet, unique: boolean) {
    super(call.scope, call.name, args);
    this.unique = unique;
  }
  override result(evaluation: Evaluation): Value {
    const args = resolve(this.args, evaluation);
    if (!Array.isArray(args))
      throw typeError(
        `Incorrect arguments to "${this.name}" should be: "${this.name}" : [ [ <value 1>, <value 2> ], [ <value 3>, <value 4> ] ]`,
      );
    const all: Value[] = [];
    for (const list of args) {
      if (list === null) continue;
      if (!Array.isArray(list))
        throw typeError(
          `Incorrect arguments: Items to concat must be lists. ${jsonText(args)} contains an item that is not a list: ${jsonText(list)}`,
        );
      checkLength(all.length + list.length);
      for (const item of list) all.push(item);
    }
    return this.unique ? distinct(all) : all;
  }
}

/** Keeps the first of equal items. */
export function distinct(items: readonly Value[]): Value[] {
  const seen = new Set<Value>();
  const kept: Value[] = [];
  for (const item of items) {
    if (typeof item === 'string') {
      if (seen.has(item)) continue;
      seen.add(item);
    } else if (kept.some((other) => equal(item, other))) continue;
    kept.push(item);
  }
  return kept;
}

export class Filter extends Fn {
  private readonly values: Snippet;
  private readonly sequence: Snippet;
  constructor(call: Call, args: Snippet) {
    super(call.scope, call.name, args);
    if (!Array.isArray(args)) throw typeError(`Argument to "${call.name}" must be a list`);
    if (args.length !== 2)
      throw valueError(
        `"${call.name}" expected 2 arguments of the form [values, sequence] but got ${args.length} arguments instead`,
      );
    [this.values = null, this.sequence = null] = args;
  }
  override result(evaluation: Evaluation): Value {
    const sequence = resolve(this.sequence, evaluation);
    if (!truthy(sequence)) return sequence;
    if (!Array.isArray(sequence)) throw typeError(`"${this.name}" only works with lists`);
    const values = resolve(this.values, evaluation);
    if (!truthy(values)) return sequence;
    if (!Array.isArray(values)) throw typeError('format requires a mapping');
    return sequence.filter((item) => !values.some((value) => equal(item, value)));
  }
}

export class Contains extends Fn {
  private readonly value: Snippet;
  private readonly sequence: Snippet;
  constructor(call: Call, args: Snippet) {
    super(call.scope, call.name, args);
    if (!Array.isArray(args) || args.length === 0)
      throw typeError(
        `Incorrect arguments to "${call.name}" should be: "${call.name}" : [ "value1", [ "value1", "value2"]]`,
      );
    if (args.length !== 2)
      throw valueError(`Arguments to "${call.name}" must be of the form: [value1, [value1, value2]]`);
    [this.value = null, this.sequence = null] = args;
  }
  override result(evaluation: Evaluation): Value {
    const value = resolve(this.value, evaluation);
    const sequence = resolve(this.sequence, evaluation);
    if (Array.isArray(sequence)) return sequence.some((item) => equal(item, value));
    if (typeof sequence !== 'string') throw typeError(`Second argument to "${this.name}" should be a sequence.`);
    if (typeof value !== 'string')
      throw typeError(`'in <string>' requires string as left operand, not ${typeName(value)}`);
    return sequence.includes(value);
  }
}

export class MapMerge extends Fn {
  override result(evaluation: Evaluation): Value {
    const args = resolve(this.args, evaluation);
    if (!isSequence(args))
      throw typeError(
        `Incorrect arguments to "${this.name}" should be: "${this.name}" : [ { "key1": "val1" }, { "key2": "val2" } ]`,
      );
    const merged = new Map<Key, Value>();
    for (const map of Array.isArray(args) ? args : [...args]) {
      if (map === null) continue;
      if (!isDict(map)) throw typeError('Incorrect arguments: Items to merge must be maps.');
      for (const [key, value] of map) put(merged, key, value);
    }
    return merged;
  }
}

export class MapReplace extends Fn {
  private get example(): string {
    return `"${this.name}" : [ { "key1": "val1" }, {"keys": {"key1": "key2"}, "values": {"val1": "val2"}}]`;
  }
  private map(value: Value): Dict {
    if (value === null) return new Map();
    if (isDict(value)) return value;
    throw typeError(
      `Incorrect arguments: to "${this.name}", arguments must be a list of maps. Example:  ${this.example}`,
    );
  }
  override result(evaluation: Evaluation): Value {
    const args = resolve(this.args, evaluation);
    const wrong = `Incorrect arguments to "${this.name}" should be: ${this.example}`;
    if (isDict(args)) throw new TemplateError('KeyError', '0');
    if (!Array.isArray(args)) throw typeError(wrong);
    const [first, second] = args;
    if (first === undefined) throw typeError(wrong);
    const input = this.map(first);
    if (second === undefined) throw typeError(wrong);
    const changes = this.map(second);
    if (args.length > 2) throw typeError(wrong);
    for (const key of changes.keys()) if (key !== 'keys' && key !== 'values') throw valueError(wrong);
    const keys = this.map(changes.get('keys') ?? null);
    const values = this.map(changes.get('values') ?? null);
    const output = new Map<Key, Value>();
    for (const [name, value] of input) {
      let key: Value = lookup(keys, name) ?? null;
      if (key === null) key = name;
      else {
        hashable(key);
        if (lookup(input, key) !== undefined && !equal(key, name))
          throw valueError(`key replacement ${str(key)} collides with a key in the input map`);
        if (lookup(output, key) !== undefined)
          throw valueError(`key replacement ${str(key)} collides with a key in the output map`);
      }
      put(
        output,
        isKey(key) ? key : name,
        isKey(value) ? (lookup(values, value) ?? (hasKey(values, value) ? null : value)) : value,
      );
    }
    return output;
  }
}

function hasKey(map: Dict, key: Key): boolean {
  return lookup(map, key) !== undefined;
}

export interface RepeatForm {
  /** The lists to go through may be maps. */
  readonly maps: boolean;
  /** `permutations: false` is understood. */
  readonly permutations: boolean;
}

export class Repeat extends Fn {
  private readonly form: RepeatForm;
  private readonly forEach: Snippet;
  private readonly template: Snippet;
  private readonly nested: boolean = true;
  constructor(call: Call, args: Snippet, form: RepeatForm) {
    super(call.scope, call.name, args);
    this.form = form;
    if (!isMap(args)) throw typeError(`Arguments to "${call.name}" must be a map`);
    const forEach = args.get('for_each');
    const template = args.get('template');
    if (forEach === undefined || template === undefined) {
      const example =
        "repeat:\n              template: This is %var%\n              for_each:\n                %var%: ['a', 'b', 'c']";
      throw new TemplateError('KeyError', str(quoteMessage(`"repeat" syntax should be ${example}`)));
    }
    this.forEach = forEach;
    this.template = template;
    if (form.permutations) {
      const nested = args.has('permutations') ? args.get('permutations') : true;
      if (typeof nested !== 'boolean')
        throw typeError(`"permutations" should be boolean type for ${call.name} function.`);
      this.nested = nested;
    }
  }

  override validate(evaluation: Evaluation): void {
    validate(this.args, evaluation);
    if (!(this.forEach instanceof Fn) && !isMap(this.forEach))
      throw typeError(`The "for_each" argument to "${this.name}" must contain a map`);
  }

  private items(value: Value): Value[] {
    const maps = this.form.permutations ? this.nested : this.form.maps;
    if (Array.isArray(value)) return value;
    if (maps && isDict(value)) return [...value.keys()];
    throw typeError(
      `The values of the "for_each" argument to "${this.name}" must be ${maps ? 'lists or maps' : 'lists'}`,
    );
  }

  override result(evaluation: Evaluation): Value {
    const forEach = resolve(this.forEach, evaluation);
    if (!isDict(forEach)) throw attributeError(`'${typeName(forEach)}' object has no attribute 'items'`);
    if (forEach.size === 0) throw valueError('not enough values to unpack (expected 2, got 0)');
    const keys = [...forEach.keys()];
    const lengths = new Set<number>();
    const lists = [...forEach.values()].map((value) => {
      if (value === null) return [];
      const items = this.items(value);
      lengths.add(items.length);
      return items;
    });
    if (!this.nested && lengths.size > 1)
      throw valueError(`For ${this.name}, the length of for_each values should be equal if no nested loop.`);
    const template = resolve(this.template, evaluation);
    return (this.nested ? product(lists) : zip(lists)).map((values) => replaceIn(template, keys, values));
  }
}

function quoteMessage(text: string): string {
  return `'${text.replace(/'/g, "\\'").replace(/\n/g, '\\n')}'`;
}

/** Most rows that `repeat` makes: lists of lists multiply fast. */
const mostRows = 200_000;

function product(lists: readonly Value[][]): Value[][] {
  if (lists.reduce((rows, list) => rows * list.length, 1) > mostRows)
    throw limitExceeded(`repeat would make more than ${mostRows} items.`);
  let rows: Value[][] = [[]];
  for (const list of lists) rows = rows.flatMap((row) => list.map((item) => [...row, item]));
  return rows;
}

function zip(lists: readonly Value[][]): Value[][] {
  const length = Math.min(...lists.map((list) => list.length));
  return Array.from({ length }, (_, index) => lists.map((list) => list[index] ?? null));
}

/** Replaces each key in turn, so that what one key put in is seen by the next. */
function replaceIn(template: Value, keys: readonly Key[], values: readonly Value[]): Value {
  if (typeof template === 'string') {
    let text = template;
    keys.forEach((key, index) => {
      const value = values[index] ?? null;
      if (typeof key !== 'string') throw typeError(`replace() argument 1 must be str, not ${typeName(key)}`);
      if (typeof value !== 'string')
        throw typeError(`replace() argument 2 must be str, not ${value === null ? 'None' : typeName(value)}`);
      text = text.replaceAll(key, () => value);
    });
    return text;
  }
  if (Array.isArray(template)) return template.map((item) => replaceIn(item, keys, values));
  if (!isDict(template)) return template;
  const map = new Map<Key, Value>();
  for (const [key, item] of template) {
    const name = replaceIn(key, keys, values);
    if (isKey(name)) put(map, name, replaceIn(item, keys, values));
  }
  return map;
}
