// Projects: /v3/projects.
import { Type } from '@sinclair/typebox';
import { sql } from 'kysely';
import type { Caller } from '../../openstack/index.ts';
import { nullableId, nullableText, optionsSchema, projectName } from '../attributes.ts';
import { type Change, type Collection, isTrue, optionalText, type Row, text } from '../collection/index.ts';
import { errors } from '../errors.ts';
import { mergedOptions, refuseImmutable, refuseImmutableChange } from '../immutable.ts';
import { all, type Connection, defaultDomainId, type ProjectRow, projectById } from '../store.ts';
import { hierarchyOf } from './hierarchy.ts';
import { presentProject } from './present.ts';
import { tagFilters, tagList } from './tag-list.ts';

/** Levels of projects below a domain (Keystone's max_project_tree_depth). */
const maximumDepth = 5;

const attributes = {
  description: Type.Optional(nullableText),
  enabled: Type.Optional(Type.Boolean()),
  domain_id: Type.Optional(nullableId),
  parent_id: Type.Optional(nullableId),
  is_domain: Type.Optional(Type.Boolean()),
  options: Type.Optional(optionsSchema),
  tags: Type.Optional(tagList),
};

export const projects: Collection = {
  path: '/v3/projects',
  member: 'project',
  members: 'projects',
  noun: 'project',
  table: 'identity_projects',
  columns: ['name', 'description', 'enabled', 'domain_id', 'parent_id', 'is_domain', 'options', 'tags'],
  keepsExtra: true,
  filters: { name: 'text', domain_id: 'text', parent_id: 'text', enabled: 'boolean', ...tagFilters },
  sortedBy: 'name',
  rules: {
    list: 'identity:list_projects',
    get: 'identity:get_project',
    create: 'identity:create_project',
    update: 'identity:update_project',
    delete: 'identity:delete_project',
  },
  create: Type.Object({ ...attributes, name: projectName }),
  update: Type.Object({ ...attributes, name: Type.Optional(projectName) }),
  target: projectTarget,
  createTarget: (attributes, { domainId }) =>
    // A parent brings its own domain and a domain has none: only what is directly below a domain falls to the caller's.
    attributes.is_domain === true || optionalText(attributes, 'parent_id') !== null
      ? projectTarget(attributes)
      : projectTarget({ domain_id: domainId, ...attributes }),
  listTarget: ({ context }) => ({ 'target.domain_id': context.caller.domainId }),
  narrow: (caller, search) => {
    const domains = isTrue(search.get('is_domain') ?? 'false');
    const own = caller.domainId;
    return own === undefined || domains
      ? sql`is_domain = ${domains}`
      : sql`is_domain = ${domains} and domain_id = ${own}`;
  },
  present: async (row, request, parts) => ({
    ...presentProject(row, request.context.baseUrl),
    ...(request.params.id === undefined ? {} : await hierarchyOf(parts.database, text(row, 'id'), request)),
  }),
  prepare,
  remove: async (row, { tx }) => {
    refuseImmutable('project', row);
    if (row.is_domain === true && row.enabled === true)
      throw errors.Denied('Cannot delete a project acting as a domain that is enabled, please disable it first.');
    const children = await all(tx, sql`select 1 from identity_projects where parent_id = ${row.id} limit 1`);
    if (children.length > 0 && row.is_domain !== true)
      throw errors.Denied(`Cannot delete the project ${String(row.id)} since it is not a leaf in the hierarchy.`);
    await sql`delete from identity_credentials where project_id = ${row.id}`.execute(tx);
    await sql`update identity_users set default_project_id = null where default_project_id = ${row.id}`.execute(tx);
  },
};

function projectTarget(row: Row) {
  return { 'target.project.id': row.id, 'target.project.domain_id': row.domain_id };
}

function prepare(change: Change): Promise<Row> | Row {
  refuseImmutableChange('project', change);
  const { values, before } = change;
  const written = {
    ...values,
    ...('description' in values ? { description: values.description ?? '' } : {}),
    ...('options' in values ? { options: mergedOptions(before, values.options) } : {}),
  };
  return before ? updated(change, written, before) : created(change, written);
}

async function updated({ tx }: Change, values: Row, before: Row): Promise<Row> {
  for (const fixed of ['parent_id', 'domain_id', 'is_domain'])
    if (fixed in values && values[fixed] !== before[fixed])
      throw fixed === 'parent_id'
        ? errors.Denied('The parent of a project cannot be changed.')
        : errors.Invalid(`The ${fixed} of a project cannot be changed.`);
  if (values.enabled === true) await refuseBelowDisabled(tx, optionalText(before, 'parent_id'));
  if (values.enabled === false && (await hasEnabledChild(tx, text(before, 'id'))))
    throw errors.Denied(`Cannot disable project ${text(before, 'id')} since its subtree contains enabled projects.`);
  return values;
}

async function created(change: Change, values: Row): Promise<Row> {
  const { tx, request } = change;
  if (values.is_domain === true) {
    if (optionalText(values, 'parent_id') !== null || optionalText(values, 'domain_id') !== null)
      throw errors.Invalid('A project acting as a domain has neither a domain nor a parent.');
    const { parent_id: _parent, domain_id: _domain, ...rest } = values;
    return rest;
  }
  const parentId = optionalText(values, 'parent_id');
  const parent = parentId === null ? undefined : await projectById(tx, parentId);
  if (parentId !== null && !parent) throw errors.NotFound('project', parentId);
  const domainId = optionalText(values, 'domain_id') ?? domainFor(parent, request.context.caller);
  const domain = await projectById(tx, domainId);
  if (!domain?.is_domain) throw errors.NotFound('domain', domainId);
  if (parent && (parent.domain_id ?? parent.id) !== domainId)
    throw errors.Invalid(`The parent ${parent.id} is in another domain than ${domainId}.`);
  await refuseBelowDisabled(tx, parent?.id ?? domainId);
  if (parent && (await depthOf(tx, parent.id)) >= maximumDepth)
    throw errors.Denied(`The hierarchy of projects is at most ${maximumDepth} levels deep.`);
  return { ...values, domain_id: domainId, parent_id: parent?.id ?? domainId };
}

function domainFor(parent: ProjectRow | undefined, caller: Caller): string {
  if (parent) return parent.domain_id ?? parent.id;
  return caller.domainId ?? caller.projectDomainId ?? defaultDomainId;
}

async function refuseBelowDisabled(db: Connection, parentId: string | null): Promise<void> {
  const parent = parentId === null ? undefined : await projectById(db, parentId);
  if (parent && !parent.enabled)
    throw errors.Denied(`The project cannot be enabled: its parent ${parent.id} is disabled.`);
}

async function hasEnabledChild(db: Connection, id: string): Promise<boolean> {
  const rows = await all(
    db,
    sql`select 1 from identity_projects where parent_id = ${id} and enabled and not exists
      (select 1 from identity_projects where id = ${id} and is_domain) limit 1`,
  );
  return rows.length > 0;
}

/** Levels below the domain: 1 for a project directly in it. */
async function depthOf(db: Connection, id: string): Promise<number> {
  const rows = await all(
    db,
    sql`with recursive up (id, parent_id, is_domain) as (
        select id, parent_id, is_domain from identity_projects where id = ${id}
        union all select p.id, p.parent_id, p.is_domain from identity_projects p join up on p.id = up.parent_id)
      select 1 from up where not is_domain`,
  );
  return rows.length;
}
