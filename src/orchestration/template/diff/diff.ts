// What an update really does: old graph against new graph, property by property.
import type { Graph, InspectedProperty, KnownValues, Plain, Vertex } from '../../graph/index.ts';
import { TemplateError } from '../errors.ts';

export interface PropertyChange {
  readonly name: string;
  /** Undefined when the value was not known. */
  readonly before: Plain | undefined;
  /** Undefined when it will be known only once another resource is there. */
  readonly after: Plain | undefined;
}

export type ChangeKind = 'added' | 'deleted' | 'updated' | 'replaced' | 'unchanged';

export interface Change {
  readonly path: string;
  readonly kind: ChangeKind;
  readonly properties: readonly PropertyChange[];
  /** Parts beside the properties that differ. */
  readonly sections: readonly ('metadata' | 'update_policy' | 'type' | 'contents')[];
}

/** Whether two plain values are the same data; the order of keys does not count. */
export function samePlain(a: Plain | undefined, b: Plain | undefined): boolean {
  if (a === b) return true;
  if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object') return false;
  if (isList(a) || isList(b))
    return isList(a) && isList(b) && a.length === b.length && a.every((item, index) => samePlain(item, b[index]));
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && samePlain(a[key], b[key]))
  );
}

const isList = (value: Plain | undefined): value is readonly Plain[] => Array.isArray(value);
const knownValue = (property: InspectedProperty | undefined): Plain | undefined =>
  property && 'value' in property ? property.value : undefined;

/** Vertices so that each comes after those it requires. */
export function inOrder(graph: Graph): Vertex[] {
  const ordered: Vertex[] = [];
  const seen = new Set<string>();
  for (const start of graph.vertices.values()) {
    const stack: { vertex: Vertex; next: number }[] = [];
    const enter = (vertex: Vertex) => {
      if (seen.has(vertex.path)) return;
      seen.add(vertex.path);
      stack.push({ vertex, next: 0 });
    };
    enter(start);
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      const required = top.vertex.requires[top.next++];
      if (required === undefined) {
        ordered.push(top.vertex);
        stack.pop();
      } else {
        const vertex = graph.vertices.get(required);
        if (vertex) enter(vertex);
      }
    }
  }
  return ordered;
}

function propertyChanges(before: Vertex, after: Vertex, values: KnownValues, later: KnownValues): PropertyChange[] {
  const old = before.inspect(values);
  const next = after.inspect(later);
  const changes: PropertyChange[] = [];
  for (const name of new Set([...Object.keys(old), ...Object.keys(next)])) {
    const was = old[name];
    const will = next[name];
    if (will && !('value' in will)) changes.push({ name, before: knownValue(was), after: undefined });
    else if (!was || !('value' in was) || !samePlain(was.value, knownValue(will) ?? null))
      changes.push({ name, before: knownValue(was), after: knownValue(will) ?? null });
  }
  return changes;
}

function sectionChanges(
  before: Vertex,
  after: Vertex,
  values: KnownValues,
  later: KnownValues,
): Change['sections'][number][] {
  const was = quietly(() => before.resolve(values));
  const will = quietly(() => after.resolve(later));
  // Metadata that waits for a value is written again once the value is there.
  if (!was || !will) return [];
  const changed: Change['sections'][number][] = [];
  if (!samePlain(was.metadata, will.metadata)) changed.push('metadata');
  if (!samePlain(was.updatePolicy, will.updatePolicy)) changed.push('update_policy');
  return changed;
}

function quietly<T>(compute: () => T): T | undefined {
  try {
    return compute();
  } catch (cause) {
    if (cause instanceof Error && (cause instanceof TemplateError || cause.name === 'NotYetKnown')) return undefined;
    throw cause;
  }
}

/**
 * Compares two graphs.
 * @param values what the resources of the old graph answer
 * @returns one change for each vertex of either graph, by path
 * @throws TemplateError NotSupported for a change to an immutable property
 */
export function diffGraphs(before: Graph, after: Graph, values: KnownValues): ReadonlyMap<string, Change> {
  const changes = new Map<string, Change>();
  const fresh = new Set<string>();
  // What is added or replaced answers nothing yet.
  const later: KnownValues = {
    reference: (path) => (fresh.has(path) ? undefined : values.reference(path)),
    attribute: (path, name, components) => (fresh.has(path) ? undefined : values.attribute(path, name, components)),
  };
  for (const vertex of inOrder(after)) {
    const old = before.vertices.get(vertex.path);
    const change = old
      ? compare(old, vertex, values, later, changes)
      : { path: vertex.path, kind: 'added' as const, properties: [], sections: [] };
    if (change.kind === 'added' || change.kind === 'replaced') fresh.add(vertex.path);
    changes.set(vertex.path, change);
  }
  for (const path of before.vertices.keys())
    if (!after.vertices.has(path)) changes.set(path, { path, kind: 'deleted', properties: [], sections: [] });
  return changes;
}

function compare(
  old: Vertex,
  vertex: Vertex,
  values: KnownValues,
  later: KnownValues,
  changes: ReadonlyMap<string, Change>,
): Change {
  const { path } = vertex;
  const nested = (kind: Vertex['kind']) => kind === 'stack' || kind === 'deferred';
  if (
    nested(old.kind) !== nested(vertex.kind) ||
    (!nested(vertex.kind) && old.implementation !== vertex.implementation)
  ) {
    return { path, kind: 'replaced', properties: [], sections: ['type'] };
  }
  const properties = propertyChanges(old, vertex, values, later);
  const sections = sectionChanges(old, vertex, values, later);
  const refused = properties.filter(({ name }) => vertex.updateRule(name) === 'refused').map(({ name }) => name);
  if (refused.length > 0)
    throw new TemplateError(
      'NotSupported',
      `Update to properties ${refused.sort().join(', ')} of ${vertex.name} (${vertex.type}) is not supported.`,
    );
  if (nested(vertex.kind)) {
    const inside = [...changes.values()].some(
      (change) => change.kind !== 'unchanged' && change.path.startsWith(`${path}/`),
    );
    if (inside) sections.push('contents');
    const replaced = !isTemplate(vertex) && properties.some(({ name }) => vertex.updateRule(name) === 'replace');
    return {
      path,
      kind: replaced ? 'replaced' : properties.length > 0 || sections.length > 0 ? 'updated' : 'unchanged',
      properties,
      sections,
    };
  }
  const replaced = properties.some(({ name }) => vertex.updateRule(name) === 'replace');
  return {
    path,
    kind: replaced ? 'replaced' : properties.length > 0 || sections.length > 0 ? 'updated' : 'unchanged',
    properties,
    sections,
  };
}

const isTemplate = (vertex: Vertex): boolean =>
  vertex.implementation.endsWith('.yaml') || vertex.implementation.endsWith('.template');
