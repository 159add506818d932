// The routes of a network resource: list, create (one or many), show, update, delete.
import { type Database, type Transaction, transact } from '../../database/index.ts';
import { appendEvent } from '../../events/index.ts';
import { type Answer, type ApiRequest, empty, json, nextPageUrl, type Route, route } from '../../openstack/index.ts';
import { errors } from '../errors.ts';
import { policy } from '../policy.data.ts';
import { refuseOverQuota } from '../quota/quotas.ts';
import { type Connection, type Row, text } from '../store.ts';
import { findById, findByIds, listRows } from './list.ts';
import { neutronTime, type Resource } from './resource.ts';
import { createAttributes, updateAttributes } from './validate.ts';

export function resourceRoutes(resource: Resource, database: Database): Route[] {
  const { path, member, members } = resource;
  const routes: Route[] = [
    route({
      method: 'GET',
      path,
      policy: `get_${member}`,
      enforcement: 'handler',
      summary: `List ${members}`,
      handler: (request) => list(resource, database, request),
    }),
    route({
      method: 'GET',
      path: `${path}/:id`,
      policy: `get_${member}`,
      enforcement: 'handler',
      summary: `Show one of ${members}`,
      handler: async (request) => {
        const row = await mustSee(resource, database, request);
        return json({ [member]: picked(shown(resource, request, row), request.search) });
      },
    }),
  ];
  if (resource.create) routes.push(creating(resource, database, resource.create));
  if (resource.update) routes.push(updating(resource, database, resource.update));
  if (resource.remove) routes.push(removing(resource, database, resource.remove));
  return routes;
}

/** The row of the path, as far as the caller may see it; others are told that it does not exist. */
export async function mustSee(resource: Resource, db: Connection, request: ApiRequest): Promise<Row> {
  const id = request.params.id ?? '';
  const row = await findById(db, resource, id);
  if (!row || !request.may(`get_${resource.member}`, await targetOf(resource, db, row))) throw resource.notFound(id);
  return row;
}

export async function targetOf(resource: Resource, db: Connection, row: Row): Promise<Row> {
  const more = resource.target ? await resource.target(db, row) : {};
  return { ...row, tenant_id: row.project_id, ...more };
}

async function list(resource: Resource, database: Database, request: ApiRequest): Promise<Answer> {
  await resource.beforeList?.(database, request);
  const seesAll = request.may(`get_${resource.member}`, {});
  const { rows, limit } = await listRows(database, resource, request, seesAll);
  const { members, path } = resource;
  const last = rows.at(-1);
  const links =
    limit !== undefined && rows.length === limit && last
      ? [{ rel: 'next', href: nextPageUrl(request.context.baseUrl, path, request.search, text(last, 'id')) }]
      : [];
  const body: Record<string, unknown> = {
    [members]: rows.map((row) => picked(shown(resource, request, row), request.search)),
  };
  if (links.length > 0) body[`${members}_links`] = links;
  return json(body);
}

/** The row as this caller sees it: attributes that a rule keeps from the caller are left out. */
export function shown(resource: Resource, request: ApiRequest, row: Row): Row {
  const presented = resource.present?.(row) ?? row;
  const result: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(presented)) {
    const rule = `get_${resource.member}:${name}`;
    if (rule in policy && !request.may(rule, { ...row, tenant_id: row.project_id })) continue;
    result[name] = neutronTime(value);
  }
  if ('project_id' in result) result.tenant_id = result.project_id;
  return result;
}

function picked(row: Row, search: URLSearchParams): Row {
  const fields = search.getAll('fields');
  return fields.length === 0 ? row : Object.fromEntries(Object.entries(row).filter(([name]) => fields.includes(name)));
}

function creating(resource: Resource, database: Database, create: NonNullable<Resource['create']>): Route {
  const { path, member, members } = resource;
  return route({
    method: 'POST',
    path,
    policy: `create_${member}`,
    enforcement: 'handler',
    summary: `Create one or many of ${members}`,
    payload: 'any',
    handler: async (request) => {
      const body = bodyOf(request);
      const bulk = members in body;
      const wanted = bulk ? body[members] : [body[member]];
      if (!Array.isArray(wanted) || wanted.length === 0)
        throw errors.HTTPBadRequest(`Unable to find '${bulk ? members : member}' in request body.`);
      const ids = await transact(database, async (tx) => {
        const attributes = wanted.map((one) => createAttributes(resource, one));
        const prepared = await permitted(resource, tx, request, attributes);
        await refuseOverQuota(tx, resource, prepared);
        const made = await create(tx, prepared, request);
        for (const [index, id] of made.entries())
          await note(tx, resource, 'created', id, prepared[index] ?? {}, request);
        return made;
      });
      const rows = await findByIds(database, resource, ids);
      const byId = new Map(rows.map((row) => [row.id, shown(resource, request, row)]));
      const answers = ids.map((id) => byId.get(id));
      return json(bulk ? { [members]: answers } : { [member]: answers[0] }, 201);
    },
  });
}

function bodyOf(request: ApiRequest): Row {
  const { body } = request;
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw errors.HTTPBadRequest('Resource body required.');
  return { ...body };
}

/** The attributes of all, each with its project, once the caller may create them all. */
async function permitted(
  resource: Resource,
  tx: Transaction,
  request: ApiRequest,
  wanted: readonly Row[],
): Promise<Row[]> {
  const parents = new Map<unknown, Row>();
  const result: Row[] = [];
  for (const given of wanted) {
    const attributes: Row = { ...given, project_id: given.project_id ?? request.context.caller.projectId ?? '' };
    const parent = resource.parent === undefined ? undefined : attributes[resource.parent];
    const more = parents.get(parent) ?? (await resource.target?.(tx, attributes)) ?? {};
    if (parent !== undefined) parents.set(parent, more);
    const target = { ...attributes, tenant_id: attributes.project_id, ...more };
    request.enforce(`create_${resource.member}`, target);
    enforceAttributes('create', resource, request, given, target);
    result.push(attributes);
  }
  return result;
}

/** Rules of single attributes, and of the attributes inside a list of objects (`create_port:fixed_ips:ip_address`). */
function enforceAttributes(verb: string, resource: Resource, request: ApiRequest, given: Row, target: Row): void {
  for (const [name, value] of Object.entries(given)) {
    const rule = `${verb}_${resource.member}:${name}`;
    if (value === undefined || value === false || value === '') continue;
    if (rule in policy) request.enforce(rule, target);
    const inner = Array.isArray(value)
      ? value.flatMap((one) => (typeof one === 'object' && one !== null ? Object.keys(one) : []))
      : [];
    for (const key of new Set(inner)) if (`${rule}:${key}` in policy) request.enforce(`${rule}:${key}`, target);
  }
}

function updating(resource: Resource, database: Database, update: NonNullable<Resource['update']>): Route {
  const { path, member } = resource;
  return route({
    method: 'PUT',
    path: `${path}/:id`,
    policy: `update_${member}`,
    enforcement: 'handler',
    summary: `Change one of ${resource.members}`,
    payload: 'any',
    handler: async (request) => {
      const body = bodyOf(request);
      const before = await mustSee(resource, database, request);
      const target = await targetOf(resource, database, before);
      request.enforce(`update_${member}`, target);
      const attributes = updateAttributes(resource, body[member]);
      enforceAttributes('update', resource, request, attributes, { ...target, ...attributes });
      await transact(database, async (tx) => {
        await refuseOldRevision(resource, tx, request);
        await update(tx, before, attributes, request);
        await note(tx, resource, 'updated', text(before, 'id'), before, request);
      });
      const row = await findById(database, resource, text(before, 'id'));
      if (!row) throw resource.notFound(text(before, 'id'));
      return json({ [member]: shown(resource, request, row) });
    },
  });
}

function removing(resource: Resource, database: Database, remove: NonNullable<Resource['remove']>): Route {
  const { path, member } = resource;
  return route({
    method: 'DELETE',
    path: `${path}/:id`,
    policy: `delete_${member}`,
    enforcement: 'handler',
    summary: `Delete one of ${resource.members}`,
    handler: async (request) => {
      const row = await mustSee(resource, database, request);
      request.enforce(`delete_${member}`, await targetOf(resource, database, row));
      await transact(database, async (tx) => {
        await refuseOldRevision(resource, tx, request);
        await remove(tx, row, request);
        await note(tx, resource, 'deleted', text(row, 'id'), row, request);
      });
      return empty();
    },
  });
}

/** `If-Match: revision_number=N` (extension revision-if-match). */
async function refuseOldRevision(resource: Resource, tx: Transaction, request: ApiRequest): Promise<void> {
  const wanted = /^revision_number=(\d+)$/.exec(String(request.headers['if-match'] ?? ''))?.[1];
  if (wanted === undefined) return;
  const row = await findById(tx, resource, request.params.id ?? '');
  if (row && String(row.revision_number) !== wanted)
    throw errors.RevisionNumberConstraintFailed(wanted, String(row.revision_number));
}

function note(
  tx: Transaction,
  { member }: Resource,
  what: string,
  id: string,
  row: Row,
  { context }: ApiRequest,
): Promise<void> {
  return appendEvent(tx, {
    kind: `network.${member}.${what}`,
    subject: `${member}:${id}`,
    projectId: typeof row.project_id === 'string' ? row.project_id : null,
    requestId: context.requestId,
    payload: { name: row.name ?? '', by: context.caller.userId },
  });
}
