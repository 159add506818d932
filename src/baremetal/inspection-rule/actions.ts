// The actions of inspection rules: what is done to a node of which the conditions hold.
import { withCapabilities } from '../document/capabilities.ts';
import { isTrait } from '../document/names.ts';
import { errors } from '../errors.ts';
import type { Args } from './conditions.ts';
import { pathOf, textOf } from './values.ts';

/** What rules may change: the node's editable fields, its traits, and what inspection keeps. */
export interface Draft {
  readonly node: Record<string, unknown>;
  readonly traits: Set<string>;
  readonly plugin_data: Record<string, unknown>;
  /** The node's ports with their uuid, address and the fields that may change. */
  readonly ports: readonly Record<string, unknown>[];
  /** Outside services that are to hear of this machine, in this order. */
  readonly calls: ApiCall[];
  /** Lines for the node's history. */
  readonly notes: string[];
}

/** A request to an outside service. */
export interface ApiCall {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
}

/** A rule says that this machine must not pass inspection. */
export class RuleFailed extends Error {
  override name = 'RuleFailed';
}

interface Action {
  readonly needs: readonly string[];
  readonly run: (draft: Draft, args: Args) => void;
}

const callOutside: Action = { needs: ['url'], run: ({ calls }, args) => void calls.push(callOf(args)) };

export const actions: Readonly<Record<string, Action>> = {
  fail: {
    needs: ['msg'],
    run: (_draft, { msg }) => {
      throw new RuleFailed(textOf(msg));
    },
  },
  log: { needs: ['msg'], run: (draft, { msg }) => void draft.notes.push(textOf(msg)) },
  'set-attribute': {
    needs: ['path', 'value'],
    run: ({ node }, { path, value }) => put(node, pathOf(textOf(path)), value),
  },
  'extend-attribute': {
    needs: ['path', 'value'],
    run: ({ node }, args) => extend(node, args),
  },
  'del-attribute': { needs: ['path'], run: ({ node }, { path }) => drop(node, pathOf(textOf(path))) },
  'set-capability': {
    needs: ['name', 'value'],
    run: ({ node }, { name, value }) => capabilities(node, (known) => known.set(textOf(name), textOf(value))),
  },
  'unset-capability': {
    needs: ['name'],
    run: ({ node }, { name }) => capabilities(node, (known) => known.delete(textOf(name))),
  },
  'add-trait': {
    needs: ['name'],
    run: ({ traits }, { name }) => {
      if (!isTrait(textOf(name))) throw errors.Invalid(`"${textOf(name)}" is not a valid trait.`);
      traits.add(textOf(name));
    },
  },
  'remove-trait': { needs: ['name'], run: ({ traits }, { name }) => void traits.delete(textOf(name)) },
  'set-plugin-data': {
    needs: ['path', 'value'],
    run: (draft, { path, value }) => put(draft.plugin_data, pathOf(textOf(path)), value),
  },
  'extend-plugin-data': { needs: ['path', 'value'], run: (draft, args) => extend(draft.plugin_data, args) },
  'set-port-attribute': {
    needs: ['port_id', 'path', 'value'],
    run: (draft, { port_id: id, path, value }) => put(portOf(draft, id), pathOf(textOf(path)), value),
  },
  'extend-port-attribute': {
    needs: ['port_id', 'path', 'value'],
    run: (draft, args) => extend(portOf(draft, args.port_id), args),
  },
  'del-port-attribute': {
    needs: ['port_id', 'path'],
    run: (draft, { port_id: id, path }) => drop(portOf(draft, id), pathOf(textOf(path))),
  },
  'api-call': callOutside,
  'call-api-hook': callOutside,
  'unset-plugin-data': { needs: ['path'], run: (draft, { path }) => drop(draft.plugin_data, pathOf(textOf(path))) },
};

/** By its UUID, MAC address or name. Throws 400 when the node has no such port. */
function portOf({ ports }: Draft, id: unknown): Record<string, unknown> {
  const wanted = textOf(id).toLowerCase();
  const found = ports.find((port) =>
    [port.uuid, port.address, port.name].some((one) => textOf(one).toLowerCase() === wanted),
  );
  if (!found || wanted === '') throw errors.Invalid(`The node has no port "${textOf(id)}".`);
  return found;
}

/** Throws 400 for what is no HTTP request. */
function callOf({ url, method = 'GET', headers, timeout = 5 }: Args): ApiCall {
  const target = textOf(url);
  if (!URL.canParse(target) || !/^https?:$/.test(new URL(target).protocol))
    throw errors.Invalid('The url of an api-call is no HTTP URL.');
  const seconds = Number(timeout);
  if (!(seconds > 0 && seconds <= 60)) throw errors.Invalid('The timeout of an api-call is 1 to 60 seconds.');
  const lines = typeof headers === 'object' && headers !== null ? Object.entries(headers) : [];
  return {
    url: target,
    method: textOf(method).toUpperCase(),
    headers: Object.fromEntries(lines.map(([name, value]) => [name, textOf(value)])),
    timeoutMs: seconds * 1000,
  };
}

/** Adds to the list at the path; with `unique` only what is not in it. */
function extend(root: Record<string, unknown>, { path, value, unique }: Args): void {
  const parts = pathOf(textOf(path));
  const list = look(root, parts);
  const before: unknown[] = Array.isArray(list) ? list : [];
  const there = before.some((one) => JSON.stringify(one) === JSON.stringify(value));
  put(root, parts, unique === true && there ? before : [...before, value]);
}

const forbidden = new Set(['__proto__', 'constructor', 'prototype']);

function look(root: unknown, parts: readonly string[]): unknown {
  return parts.reduce<unknown>(
    (value, part) =>
      typeof value === 'object' && value !== null && Object.hasOwn(value, part) ? Reflect.get(value, part) : undefined,
    root,
  );
}

function put(root: Record<string, unknown>, parts: readonly string[], value: unknown): void {
  const last = parts.at(-1);
  if (last === undefined || parts.some((part) => forbidden.has(part)))
    throw errors.Invalid(`A rule can not set the attribute "${parts.join('.')}".`);
  let at: object = root;
  for (const part of parts.slice(0, -1)) {
    const next: unknown = Object.hasOwn(at, part) ? Reflect.get(at, part) : undefined;
    const made: object = typeof next === 'object' && next !== null ? next : {};
    Reflect.set(at, part, made);
    at = made;
  }
  Reflect.set(at, last, value);
}

function drop(root: Record<string, unknown>, parts: readonly string[]): void {
  const parent = look(root, parts.slice(0, -1));
  const last = parts.at(-1);
  if (last !== undefined && typeof parent === 'object' && parent !== null) Reflect.deleteProperty(parent, last);
}

function capabilities(node: Record<string, unknown>, change: (known: Map<string, string>) => void): void {
  const path = ['properties', 'capabilities'];
  put(node, path, withCapabilities(look(node, path), change));
}
