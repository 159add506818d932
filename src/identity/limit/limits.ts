// Limits of projects and domains that differ from the registered default: /v3/limits.
import { Type } from '@sinclair/typebox';
import { sql } from 'kysely';
import { nullableId, nullableText } from '../attributes.ts';
import { optionalText } from '../collection/index.ts';
import { errors } from '../errors.ts';
import { first } from '../store.ts';
import type { LimitKind } from './routes.ts';

const amount = Type.Integer({ minimum: -1, maximum: 2_147_483_647 });

export const limits: LimitKind = {
  path: '/v3/limits',
  member: 'limit',
  members: 'limits',
  noun: 'limit',
  // Rows show the service, region and resource of the registered limit that they override.
  table: 'identity_limits',
  source: sql`(select l.*, g.service_id, g.region_id, g.resource_name, p.domain_id as project_domain_id from identity_limits l
    join identity_registered_limits g on g.id = l.registered_limit_id left join identity_projects p on p.id = l.project_id)`,
  filters: ['service_id', 'region_id', 'resource_name', 'project_id', 'domain_id'],
  rules: {
    list: 'identity:list_limits',
    get: 'identity:get_limit',
    create: 'identity:create_limits',
    update: 'identity:update_limit',
    delete: 'identity:delete_limit',
  },
  create: Type.Object(
    {
      service_id: Type.String({ minLength: 1 }),
      region_id: Type.Optional(nullableId),
      project_id: Type.Optional(nullableId),
      domain_id: Type.Optional(nullableId),
      resource_name: Type.String({ minLength: 1, maxLength: 255 }),
      resource_limit: amount,
      description: Type.Optional(nullableText),
    },
    { additionalProperties: false },
  ),
  update: Type.Object(
    { resource_limit: Type.Optional(amount), description: Type.Optional(nullableText) },
    { additionalProperties: false },
  ),
  prepare: async (tx, values) => {
    const { service_id, region_id, resource_name, ...rest } = values;
    const projectId = optionalText(rest, 'project_id');
    const domainId = optionalText(rest, 'domain_id');
    if ((projectId === null) === (domainId === null))
      throw errors.Invalid('A limit names either a project_id or a domain_id.');
    const holder = projectId ?? domainId;
    const exists = await first(
      tx,
      sql`select 1 from identity_projects where id = ${holder} and is_domain = ${domainId !== null}`,
    );
    if (!exists) throw errors.Invalid(`There is no ${domainId === null ? 'project' : 'domain'} ${holder}.`);
    const registered = await first(
      tx,
      sql<{ id: string }>`select id from identity_registered_limits where service_id = ${service_id}
        and region_id is not distinct from ${region_id ?? null} and resource_name = ${resource_name}`,
    );
    if (!registered)
      throw errors.Denied(
        `There is no registered limit for the resource ${String(resource_name)} that this limit could override.`,
      );
    return { ...rest, registered_limit_id: registered.id };
  },
  visible: (caller) =>
    caller.roles.includes('admin') || caller.systemScope !== undefined
      ? sql`true`
      : caller.domainId === undefined
        ? sql`l.project_id = ${caller.projectId ?? ''}`
        : sql`(l.domain_id = ${caller.domainId} or l.project_domain_id = ${caller.domainId})`,
};
