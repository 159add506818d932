// The parents and the subtree of a project, as lists or as nested ids.
import { sql } from 'kysely';
import type { ApiRequest } from '../../openstack/index.ts';
import { errors } from '../errors.ts';
import { all, type Connection, type ProjectRow } from '../store.ts';
import { presentProject } from './present.ts';

/** `parents` and `subtree` as the query of GET /v3/projects/{id} asks for them. */
export async function hierarchyOf(db: Connection, id: string, { search, context }: ApiRequest) {
  const asked = (name: string) => search.has(name);
  if (asked('parents_as_list') && asked('parents_as_ids'))
    throw errors.Invalid('Ask for parents_as_list or parents_as_ids, not for both.');
  if (asked('subtree_as_list') && asked('subtree_as_ids'))
    throw errors.Invalid('Ask for subtree_as_list or subtree_as_ids, not for both.');
  const shown = (rows: readonly ProjectRow[]) =>
    rows.filter((row) => !row.is_domain).map((row) => ({ project: presentProject(row, context.baseUrl) }));
  return {
    ...(asked('parents_as_list') ? { parents: shown(await parentsOf(db, id)) } : {}),
    ...(asked('parents_as_ids') ? { parents: nestedParents(await parentsOf(db, id)) } : {}),
    ...(asked('subtree_as_list') ? { subtree: shown(await subtreeOf(db, id)) } : {}),
    ...(asked('subtree_as_ids') ? { subtree: nestedSubtree(await subtreeOf(db, id), id) } : {}),
  };
}

/** Nearest first, the domain last. */
function parentsOf(db: Connection, id: string): Promise<ProjectRow[]> {
  return all(
    db,
    sql<ProjectRow>`with recursive up as (
        select p.*, 0 as distance from identity_projects p where id = ${id}
        union all select p.*, distance + 1 from identity_projects p join up on p.id = up.parent_id)
      select * from up where distance > 0 order by distance`,
  );
}

function subtreeOf(db: Connection, id: string): Promise<ProjectRow[]> {
  return all(
    db,
    sql<ProjectRow>`with recursive down as (
        select p.*, 0 as distance from identity_projects p where id = ${id}
        union all select p.*, distance + 1 from identity_projects p join down on p.parent_id = down.id)
      select * from down where distance > 0 order by distance, name`,
  );
}

type Nested = { readonly [id: string]: Nested | null };

function nestedParents(rows: readonly ProjectRow[]): Nested | null {
  return rows.reduceRight<Nested | null>((inner, row) => ({ [row.id]: inner }), null);
}

function nestedSubtree(rows: readonly ProjectRow[], id: string): Nested | null {
  const children = rows.filter((row) => row.parent_id === id);
  return children.length === 0
    ? null
    : Object.fromEntries(children.map((row) => [row.id, nestedSubtree(rows, row.id)]));
}
