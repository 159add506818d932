// The resource registry: which template or plugin stands behind a resource type.
import { attributeError, entityNotFound, TemplateError } from '../errors.ts';
import { compareText, type Dict, isDict, type Key, quote, str, typeName, type Value } from '../value/index.ts';
import { matchesGlob } from './glob.ts';

const hookTypes = ['pre-create', 'pre-update', 'pre-delete', 'post-create', 'post-update', 'post-delete'];
const restrictedActions = ['update', 'replace'];

/** One entry: a plugin, a template, a mapping to another type or a wildcard mapping. */
export interface RegistryEntry {
  readonly kind: 'plugin' | 'template' | 'mapping' | 'wildcard';
  readonly path: readonly string[];
  readonly name: string;
  /** Template file, other type, or the plugin's name. */
  readonly value: string;
  /** Whether the user's environment set it (the rest comes with the server). */
  readonly user: boolean;
}

/** Hooks and restricted actions of a resource. */
interface Item {
  readonly item: Value;
}
interface Level extends Map<string, RegistryEntry | Item | Level> {}

const isLevel = (entry: RegistryEntry | Item | Level | undefined): entry is Level => entry instanceof Map;
const isEntry = (entry: RegistryEntry | Item | Level | undefined): entry is RegistryEntry =>
  entry !== undefined && !(entry instanceof Map) && 'kind' in entry;
const isTemplateName = (name: string): boolean => name.endsWith('.yaml') || name.endsWith('.template');

/** The types the server knows by itself. */
export interface GlobalTypes {
  /** The plugin behind a type, or undefined. */
  plugin(type: string): string | undefined;
  /** Mappings the server ships, old names to new ones. */
  readonly mappings: readonly (readonly [from: string, to: string])[];
}

function kindOf(name: string, value: string): RegistryEntry['kind'] {
  if (isTemplateName(name) || isTemplateName(value)) return 'template';
  return name.endsWith('*') ? 'wildcard' : 'mapping';
}

function wordsOf(value: Value): readonly Value[] {
  return Array.isArray(value) ? value : [value];
}

function tuple(words: readonly string[]): string {
  return `(${words.map(quote).join(', ')})`;
}

/** Orders entries: the user's first, longer paths first, then by path. */
function precedence(a: RegistryEntry, b: RegistryEntry): number {
  if (a.user !== b.user) return a.user ? -1 : 1;
  if (a.path.length !== b.path.length) return b.path.length - a.path.length;
  for (let index = 0; index < a.path.length; index++) {
    const order = compareText(a.path[index] ?? '', b.path[index] ?? '');
    if (order !== 0) return order;
  }
  return 0;
}

export class Registry {
  private readonly root: Level = new Map([['resources', new Map()]]);
  private readonly global: GlobalTypes;

  constructor(global: GlobalTypes) {
    this.global = global;
  }

  /**
   * Adds the entries of a resource_registry section; null removes.
   * @throws TemplateError InvalidBreakPointHook, InvalidRestrictedAction
   */
  load(section: Value): void {
    if (!isDict(section)) throw attributeError(`'${typeName(section)}' object has no attribute 'items'`);
    this.loadLevel([], section);
  }

  private loadLevel(path: readonly string[], section: Dict): void {
    for (const [key, value] of section) {
      const name = str(key);
      const here = [...path, name];
      if (value === null) this.remove(here);
      else if (isHook(name, value) || isRestriction(name, value)) this.level(path).set(name, { item: value });
      else if (isDict(value)) this.loadLevel(here, value);
      else this.register(here, str(value));
    }
  }

  private level(path: readonly string[]): Level {
    let level = this.root;
    for (const key of path) {
      const next = level.get(key);
      if (isLevel(next)) level = next;
      else {
        const fresh: Level = new Map();
        level.set(key, fresh);
        level = fresh;
      }
    }
    return level;
  }

  private remove(path: readonly string[]): void {
    const level = this.level(path.slice(0, -1));
    const name = path.at(-1) ?? '';
    if (!name.endsWith('*')) level.delete(name);
    else
      for (const [key, entry] of [...level]) if (isEntry(entry) && key.startsWith(name.slice(0, -1))) level.delete(key);
  }

  /** Maps a type to a template or another type. */
  register(path: readonly string[], value: string): RegistryEntry {
    const name = path.at(-1) ?? '';
    const kind = kindOf(name, value);
    const entry: RegistryEntry = {
      kind,
      path,
      name,
      value: kind === 'template' && isTemplateName(name) ? name : value,
      user: true,
    };
    this.level(path.slice(0, -1)).set(name, entry);
    return entry;
  }

  private *own(type: string, resource: string | undefined): Generator<RegistryEntry> {
    if (isTemplateName(type)) {
      const known = this.root.get(type);
      yield isEntry(known) ? known : this.register([type], type);
    }
    const resources = this.root.get('resources');
    const specific = resource !== undefined && isLevel(resources) ? resources.get(resource) : undefined;
    if (isLevel(specific)) {
      const entry = specific.get(type);
      if (isEntry(entry)) yield entry;
    }
    const entry = this.root.get(type);
    if (isEntry(entry)) yield entry;
    for (const [pattern, glob] of this.root) {
      if (
        pattern.endsWith('*') &&
        isEntry(glob) &&
        glob.kind === 'wildcard' &&
        type !== glob.value &&
        type.startsWith(pattern.slice(0, -1))
      )
        yield glob;
    }
  }

  private *shipped(type: string): Generator<RegistryEntry> {
    const plugin = this.global.plugin(type);
    if (plugin !== undefined) yield { kind: 'plugin', path: [type], name: type, value: plugin, user: false };
    for (const [from, to] of this.global.mappings) {
      const wildcard = from.endsWith('*');
      if (wildcard ? type !== to && type.startsWith(from.slice(0, -1)) : from === type) {
        yield { kind: wildcard ? 'wildcard' : 'mapping', path: [from], name: from, value: to, user: false };
      }
    }
  }

  private follow(entry: RegistryEntry, type: string, resource: string | undefined, depth: number): RegistryEntry {
    if (entry.kind === 'plugin' || entry.kind === 'template') return entry;
    if (depth > 150)
      throw new TemplateError('RecursionError', 'maximum recursion depth exceeded while calling a Python object');
    if (entry.kind === 'mapping') return this.find(entry.value, resource, { depth: depth + 1 });
    const target = entry.value.endsWith('*')
      ? entry.value.slice(0, -1) + type.slice(entry.name.length - 1)
      : entry.value;
    return this.find(target, resource, { depth: depth + 1 });
  }

  /**
   * The entry a type ends at for one resource.
   * @param options `templateOnly` looks for templates only; `ignore` passes over one entry (the facade behind a template)
   * @throws TemplateError EntityNotFound, RecursionError for mappings that lead back to themselves
   */
  find(
    type: string,
    resource?: string,
    options: { readonly templateOnly?: boolean; readonly ignore?: RegistryEntry; readonly depth?: number } = {},
  ): RegistryEntry {
    const candidates = [...this.own(type, resource), ...this.shipped(type)].sort(precedence);
    for (const candidate of candidates) {
      let match: RegistryEntry;
      try {
        match = this.follow(candidate, type, resource, options.depth ?? 0);
      } catch (cause) {
        if (cause instanceof TemplateError && cause.type === 'EntityNotFound') continue;
        throw cause;
      }
      if (options.templateOnly && match.kind !== 'template') continue;
      if (options.ignore && same(match, options.ignore)) continue;
      // The server remembers how a mapping ended; its answers to `as_dict` show it.
      if (!match.user && (candidate.kind === 'mapping' || candidate.kind === 'wildcard'))
        this.root.set(type, { ...candidate, user: true });
      return match;
    }
    throw entityNotFound('Resource Type', type);
  }

  /** Takes away the mapping of a template, so that the template itself can use the type it stands for. */
  hide(entry: RegistryEntry): void {
    if (entry.kind !== 'template') return;
    let level: Level = this.root;
    for (const key of entry.path.slice(0, -1)) {
      const next = level.get(key);
      if (!isLevel(next)) return;
      level = next;
    }
    level.delete(entry.path.at(-1) ?? '');
  }

  /** Keeps, of the per-resource entries, those that concern what is inside one resource. */
  enter(resource: string): void {
    const resources = this.root.get('resources');
    if (!isLevel(resources)) return;
    const kept: Level = new Map();
    const add = (level: RegistryEntry | Item | Level | undefined) => {
      if (isLevel(level)) for (const [key, entry] of level) kept.set(key, entry);
    };
    for (const [name, entry] of resources) if (matchesGlob(resource, name)) add(entry);
    add(resources.get(resource));
    this.root.set('resources', kept);
  }

  private *items(resource: string, key: 'hooks' | 'restricted_actions'): Generator<string> {
    const resources = this.root.get('resources');
    if (!isLevel(resources)) return;
    for (const [pattern, level] of resources) {
      if (!matchesGlob(resource, pattern) || !isLevel(level)) continue;
      const found = level.get(key);
      if (found && 'item' in found) for (const word of wordsOf(found.item)) yield str(word);
    }
  }

  /** Whether a resource stops at a hook (`pre-create` ...). */
  hasHook(resource: string, hook: string): boolean {
    for (const found of this.items(resource, 'hooks')) if (found === hook) return true;
    return false;
  }

  /** The actions (`update`, `replace`) forbidden on a resource. */
  restrictions(resource: string): string[] {
    return [...new Set(this.items(resource, 'restricted_actions'))];
  }

  /** The user's part as a resource_registry section. */
  toDict(level: Level = this.root): Dict {
    const dict = new Map<Key, Value>();
    for (const [key, entry] of level) {
      if (isLevel(entry)) dict.set(key, this.toDict(entry));
      else if ('item' in entry) dict.set(key, entry.item);
      else if (entry.user) dict.set(key, entry.value);
    }
    return dict;
  }
}

function same(a: RegistryEntry, b: RegistryEntry): boolean {
  return a.user === b.user && a.value === b.value && a.path.join('/') === b.path.join('/');
}

function isHook(key: string, value: Value): boolean {
  if (key !== 'hooks') return false;
  if (
    (typeof value === 'string' || Array.isArray(value)) &&
    wordsOf(value).every((word) => hookTypes.some((type) => type === word))
  )
    return true;
  throw new TemplateError(
    'InvalidBreakPointHook',
    `Invalid hook type "${str(value)}" for resource breakpoint, acceptable hook types are: ${tuple(hookTypes)}`,
  );
}

function isRestriction(key: string, value: Value): boolean {
  if (key !== 'restricted_actions') return false;
  if (
    (typeof value === 'string' || Array.isArray(value)) &&
    wordsOf(value).every((word) => restrictedActions.some((type) => type === word))
  )
    return true;
  throw new TemplateError(
    'InvalidRestrictedAction',
    `Invalid restricted_action type "${str(value)}" for resource, acceptable restricted_action types are: ${tuple(restrictedActions)}`,
  );
}
