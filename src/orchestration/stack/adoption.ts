// What a new stack is told of the things that it takes over: the export of the stack that had them.
import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { Transaction } from '../../database/index.ts';
import { errors } from '../errors.ts';
import type { Graph } from '../graph/index.ts';

export interface AdoptedResource {
  readonly physicalId: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

type Tree = Readonly<Record<string, unknown>>;
const treeOf = (value: unknown): Tree =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};

/** The document as data, given so or as JSON text. @throws ApiError */
export function readAdoption(given: unknown): Tree {
  let data = given;
  if (typeof given === 'string') {
    try {
      data = JSON.parse(given);
    } catch {
      throw errors.BadAdoption('it is not JSON');
    }
  }
  const tree = treeOf(data);
  if (tree.template === undefined) throw errors.BadAdoption('it has no template');
  return tree;
}

/** Its resources by path, those of nested stacks too. */
export function adoptedResources(data: Tree, above = ''): Map<string, AdoptedResource> {
  const found = new Map<string, AdoptedResource>();
  for (const [name, given] of Object.entries(treeOf(data.resources))) {
    const resource = treeOf(given);
    const path = above === '' ? name : `${above}/${name}`;
    if (typeof resource.resource_id === 'string')
      found.set(path, { physicalId: resource.resource_id, attributes: treeOf(resource.resource_data) });
    for (const [inner, adopted] of adoptedResources(resource, path)) found.set(inner, adopted);
  }
  return found;
}

/** Rows for what the graph asks for and the document has. @throws ApiError where nobody knows yet what the graph asks for */
export async function insertAdopted(
  tx: Transaction,
  rootId: string,
  graph: Graph,
  resources: ReadonlyMap<string, AdoptedResource>,
): Promise<void> {
  const vertices = [...graph.vertices.values()];
  const deferred = vertices.find((vertex) => vertex.kind === 'deferred');
  if (deferred)
    throw errors.BadAdoption(`the members of ${deferred.path} hang on a value that comes with its creation`);
  const rows = vertices.flatMap((vertex) => {
    const adopt = vertex.kind === 'resource' ? resources.get(vertex.path) : undefined;
    return adopt
      ? [{ id: randomUUID(), path: vertex.path, name: vertex.name, type: vertex.type, data: { adopt } }]
      : [];
  });
  await sql`insert into resources (id, root_id, stack_id, path, name, type, action, status, data, generation)
    select id, ${rootId}::uuid, ${rootId}::uuid, path, name, type, 'INIT', 'COMPLETE', data, 1
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r (id uuid, path text, name text, type text, data jsonb)`.execute(
    tx,
  );
}
