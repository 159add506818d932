// Endpoints of the catalogue: /v3/endpoints.
import { Type } from '@sinclair/typebox';
import { sql } from 'kysely';
import { nullableId, nullableText } from '../attributes.ts';
import { type Change, type Collection, optionalText, type Row, record } from '../collection/index.ts';
import { errors } from '../errors.ts';
import { first } from '../store.ts';

const optional = {
  region_id: Type.Optional(nullableId),
  region: Type.Optional(nullableId),
  enabled: Type.Optional(Type.Boolean()),
  name: Type.Optional(nullableText),
  description: Type.Optional(nullableText),
};
const face = Type.Union([Type.Literal('public'), Type.Literal('internal'), Type.Literal('admin')]);
const url = Type.String({ minLength: 1, maxLength: 2048, pattern: '^[a-zA-Z][a-zA-Z0-9+.-]*://\\S+$' });
const serviceId = Type.String({ minLength: 1, maxLength: 64 });

export const endpoints: Collection = {
  path: '/v3/endpoints',
  member: 'endpoint',
  members: 'endpoints',
  noun: 'endpoint',
  table: 'identity_endpoints',
  columns: ['service_id', 'region_id', 'region', 'interface', 'url', 'enabled', 'name', 'description'],
  keepsExtra: true,
  filters: { interface: 'text', service_id: 'text', region_id: 'text' },
  rules: {
    list: 'identity:list_endpoints',
    get: 'identity:get_endpoint',
    create: 'identity:create_endpoint',
    update: 'identity:update_endpoint',
    delete: 'identity:delete_endpoint',
  },
  create: Type.Object({ ...optional, interface: face, url, service_id: serviceId }),
  update: Type.Object({
    ...optional,
    interface: Type.Optional(face),
    url: Type.Optional(url),
    service_id: Type.Optional(serviceId),
  }),
  present: (row, { context }) => presentEndpoint(row, context.baseUrl),
  prepare,
};

export function presentEndpoint(row: Row, baseUrl: string) {
  return {
    ...record(row, 'extra'),
    id: row.id,
    interface: row.interface,
    region: row.region_id,
    region_id: row.region_id,
    service_id: row.service_id,
    url: row.url,
    enabled: row.enabled,
    ...(row.name === null ? {} : { name: row.name }),
    ...(row.description === null ? {} : { description: row.description }),
    links: { self: `${baseUrl}/v3/endpoints/${String(row.id)}` },
  };
}

async function prepare({ tx, values }: Change): Promise<Row> {
  const { region, ...rest } = values;
  const serviceId = optionalText(rest, 'service_id');
  if (serviceId !== null && !(await first(tx, sql`select 1 from identity_services where id = ${serviceId}`)))
    throw errors.Invalid(`There is no service ${serviceId} for the endpoint.`);
  refuseUnknownVariables(optionalText(rest, 'url') ?? '');
  const regionId = optionalText(rest, 'region_id');
  if (regionId !== null && !(await first(tx, sql`select 1 from identity_regions where id = ${regionId}`)))
    throw errors.Invalid(`There is no region ${regionId} for the endpoint.`);
  if (region === undefined || regionId !== null) return rest;
  // The old attribute `region` makes the region where it is missing (Identity API v3.2).
  if (typeof region === 'string')
    await sql`insert into identity_regions (id) values (${region}) on conflict do nothing`.execute(tx);
  return { ...rest, region_id: region };
}

const known = ['project_id', 'tenant_id', 'user_id'];

function refuseUnknownVariables(url: string): void {
  for (const [, name = ''] of url.matchAll(/[$%]\((\w+)\)s/g))
    if (!known.includes(name)) throw errors.Invalid(`The endpoint's url may hold ${known.join(', ')}, not ${name}.`);
}
