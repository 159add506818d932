// The routes of resource classes.
import { sql } from 'kysely';
import { commonErrors, empty, violations } from '../../openstack/index.ts';
import { errors } from '../errors.ts';
import { acceptsJson, answer, describeViolation, readBody } from '../http/index.ts';
import type { Handler, Parts } from '../parts.ts';
import * as schemas from '../schemas.ts';
import { isForeignKeyViolation, isUniqueViolation } from '../store.ts';

interface Row {
  readonly name: string;
  readonly at: Date;
}

export function resourceClassHandlers({
  database,
}: Parts): Record<'list' | 'create' | 'show' | 'rename' | 'put' | 'remove', Handler> {
  async function find(name: string): Promise<Row> {
    const { rows } =
      await sql<Row>`select name, updated_at as at from placement_resource_classes where name = ${name}`.execute(
        database,
      );
    if (!rows[0]) throw errors.ClassNotFound(name);
    return rows[0];
  }

  return {
    async list(request) {
      acceptsJson(request);
      const { rows } =
        await sql<Row>`select name, updated_at as at from placement_resource_classes order by id`.execute(database);
      const modified = rows.reduce((latest, row) => Math.max(latest, row.at.getTime()), 0);
      return answer(request, { resource_classes: rows.map((row) => show(row.name)) }, { modified });
    },

    async create(request) {
      const { name } = await readBody(request, schemas.resourceClass);
      await sql`insert into placement_resource_classes (name) values (${name})`
        .execute(database)
        .catch((error: unknown) => {
          throw isUniqueViolation(error) ? errors.ClassExists(name) : error;
        });
      return empty(201, { location: `${request.context.baseUrl}${path(name)}` });
    },

    async show(request) {
      acceptsJson(request);
      const row = await find(request.params.name ?? '');
      return answer(request, show(row.name), { modified: row.at.getTime() });
    },

    async rename(request) {
      const old = request.params.name ?? '';
      const { name } = await readBody(request, schemas.resourceClass);
      await find(old);
      if (!old.startsWith('CUSTOM_')) throw errors.StandardClassKept(old);
      await database
        .transaction()
        .execute(async (tx) => {
          await sql`update placement_resource_classes set name = ${name}, updated_at = now() where name = ${old}`.execute(
            tx,
          );
          await sql`insert into placement_changes (provider_id)
            select provider_id from placement_inventories where resource_class = ${name}`.execute(tx);
        })
        .catch((error: unknown) => {
          throw isUniqueViolation(error) ? errors.ClassNameTaken(name) : error;
        });
      return { status: 200, body: show(name) };
    },

    async put(request) {
      const name = request.params.name ?? '';
      const faults = violations(schemas.resourceClass, { name }, 'body');
      if (faults.length > 0) throw commonErrors.BadRequest(`JSON does not validate: ${describeViolation(faults)}`);
      const made =
        await sql`insert into placement_resource_classes (name) values (${name}) on conflict do nothing returning name`.execute(
          database,
        );
      return empty(made.rows.length > 0 ? 201 : 204, { location: `${request.context.baseUrl}${path(name)}` });
    },

    async remove(request) {
      const name = request.params.name ?? '';
      await find(name);
      if (!name.startsWith('CUSTOM_')) throw errors.StandardClass(name);
      await sql`delete from placement_resource_classes where name = ${name}`
        .execute(database)
        .catch((error: unknown) => {
          throw isForeignKeyViolation(error) ? errors.ClassInUse(name) : error;
        });
      return empty();
    },
  };
}

function show(name: string) {
  return { name, links: [{ rel: 'self', href: path(name) }] };
}

function path(name: string): string {
  return `/resource_classes/${name}`;
}
