// What an apply would do, resource by resource: values in, values out.
import { abilityOf, decide } from '../apply/decide.ts';
import { hangsOnDeferred } from '../apply/prepare.ts';
import { knownValues } from '../apply/values.ts';
import type { Graph, KnownValues, Plain, Vertex } from '../graph/index.ts';
import type { LiveType } from '../resources/live/contract.ts';
import type { Secrets } from '../stack/secrets.ts';
import type { PlainMap, ResourceRow } from '../stack/store.ts';
import { inOrder, NotYetKnown, type ResourceTypeLibrary, samePlain, TemplateError } from '../template/index.ts';

export type PlannedAction = 'create' | 'update' | 'replace' | 'delete' | 'unchanged' | 'decided-later';

export interface PropertyChange {
  readonly name: string;
  /** Absent: there was none, or it is not known before the apply. */
  readonly before?: Plain;
  readonly after?: Plain;
}

export interface PlannedChange {
  readonly path: string;
  readonly name: string;
  readonly type: string;
  readonly action: PlannedAction;
  readonly properties: readonly PropertyChange[];
  /** Why it is replaced, or what it waits for. */
  readonly because: string;
  /** Resolved properties; absent when they hang on a value that comes with the apply. */
  readonly resolved?: PlainMap;
}

export interface PlanSources {
  readonly types: ResourceTypeLibrary;
  readonly live: ReadonlyMap<string, LiveType>;
  readonly secrets: Secrets;
}

/**
 * Changes in the order of the graph, then deletions. A resource that hangs on one that changes is compared with what is
 * known; where the decision itself hangs on a value of the apply it is `decided-later`.
 */
export function planChanges(
  graph: Graph,
  rows: ReadonlyMap<string, ResourceRow>,
  sources: PlanSources,
): PlannedChange[] {
  const settled = new Map<string, PlannedAction>();
  // What stays as it is answers what it answers now; computed ones are computed anew.
  const stays = (path: string) => settled.get(path) === 'unchanged';
  const values = withComputed(graph, knownValues(rows, stays, sources.secrets), settled);
  const changes: PlannedChange[] = [];
  for (const vertex of inOrder(graph)) {
    const change = planOne(vertex, rows.get(vertex.path), values, sources, settled);
    settled.set(vertex.path, change.action);
    changes.push(change);
  }
  for (const row of rows.values()) {
    if (graph.vertices.has(row.path) || row.path.includes('@') || hangsOnDeferred(graph, row.path)) continue;
    const because =
      row.deletion_policy === 'Retain'
        ? 'it leaves the stack; its deletion policy keeps what it stands for'
        : 'the template has it no more';
    changes.push({ path: row.path, name: row.name, type: row.type, action: 'delete', properties: [], because });
  }
  return changes;
}

function withComputed(graph: Graph, known: KnownValues, settled: ReadonlyMap<string, PlannedAction>): KnownValues {
  const values: KnownValues = {
    reference: (path) => known.reference(path),
    attribute(path, name, components) {
      const vertex = graph.vertices.get(path);
      if (vertex?.kind !== 'computed' || !settled.has(path)) return known.attribute(path, name, components);
      return name === 'value' ? vertex.resolve(values).properties.value : null;
    },
  };
  return values;
}

function planOne(
  vertex: Vertex,
  row: ResourceRow | undefined,
  values: KnownValues,
  { types, live }: PlanSources,
  settled: ReadonlyMap<string, PlannedAction>,
): PlannedChange {
  const base = { path: vertex.path, name: vertex.name, type: vertex.type, properties: [], because: '' };
  if (vertex.kind === 'deferred')
    return {
      ...base,
      action: 'decided-later',
      because: `its members hang on ${vertex.waitsFor?.path ?? 'a value'} ${vertex.waitsFor?.attribute ?? ''}`.trim(),
    };
  if (vertex.kind === 'stack') {
    const inside = vertex.requires.filter((path) => path.startsWith(`${vertex.path}/`));
    const changes = inside.some((path) => settled.get(path) !== 'unchanged');
    return { ...base, action: !row ? 'create' : changes ? 'update' : 'unchanged' };
  }
  let resolved: PlainMap;
  try {
    resolved = vertex.resolve(values).properties;
  } catch (error) {
    if (!(error instanceof NotYetKnown) && !(error instanceof TemplateError)) throw error;
    if (!row)
      return {
        ...base,
        action: 'create',
        because: error instanceof NotYetKnown ? `some of its properties come with ${error.path}` : error.message,
      };
    return { ...base, action: 'decided-later', because: error.message };
  }
  if (vertex.kind === 'computed') {
    const action = !row
      ? 'create'
      : samePlain(row.attributes.value ?? null, resolved.value ?? null)
        ? 'unchanged'
        : 'update';
    return { ...base, action, resolved };
  }
  const decision = decide(row, vertex.implementation, resolved, types, abilityOf(live.get(vertex.implementation)));
  switch (decision.kind) {
    case 'none':
      return { ...base, action: 'unchanged', resolved };
    case 'create':
      return { ...base, action: 'create', resolved };
    case 'update':
      return { ...base, action: 'update', properties: differences(decision.changed, row, resolved), resolved };
    case 'replace':
      return {
        ...base,
        action: 'replace',
        because: decision.because,
        properties: differences(decision.changed, row, resolved),
        resolved,
      };
  }
}

function differences(names: readonly string[], row: ResourceRow | undefined, after: PlainMap): PropertyChange[] {
  return names.map((name) => ({
    name,
    ...(row?.properties[name] === undefined ? {} : { before: row.properties[name] }),
    ...(after[name] === undefined ? {} : { after: after[name] }),
  }));
}
