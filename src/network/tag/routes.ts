// Tags: /v2.0/{networks,subnets,ports,subnetpools,security-groups,trunks}/{id}/tags.
import { Type } from '@sinclair/typebox';
import { sql } from 'kysely';
import { type Database, transact } from '../../database/index.ts';
import { type ApiRequest, empty, json, type Route, route } from '../../openstack/index.ts';
import { errors } from '../errors.ts';
import type { Resource } from '../resource/resource.ts';
import { mustSee, targetOf } from '../resource/routes.ts';
import { text, texts } from '../store.ts';

const tagText = Type.String({ minLength: 1, maxLength: 255, pattern: '^[^,]+$' });

export function tagRoutes(resource: Resource, table: string, database: Database): Route[] {
  const path = `${resource.path}/:id/tags`;
  const what = resource.members;
  const update = `update_${resource.member}`;

  async function change(request: ApiRequest, next: (tags: readonly string[]) => readonly string[]): Promise<string[]> {
    const row = await mustSee(resource, database, request);
    request.enforce(update, await targetOf(resource, database, row));
    return transact(database, async (tx) => {
      const locked = await sql<{
        tags: string[];
      }>`select tags from ${sql.table(table)} where id = ${text(row, 'id')} for no key update`.execute(tx);
      const tags = [...new Set(next(locked.rows[0]?.tags ?? []))];
      await sql`update ${sql.table(table)} set tags = ${tags}::text[], revision_number = revision_number + 1, updated_at = now()
        where id = ${text(row, 'id')}`.execute(tx);
      return tags;
    });
  }
  return [
    route({
      method: 'GET',
      path,
      policy: `get_${resource.member}`,
      enforcement: 'handler',
      summary: `List the tags of one of ${what}`,
      handler: async (request) => json({ tags: texts(await mustSee(resource, database, request), 'tags') }),
    }),
    route({
      method: 'PUT',
      path,
      policy: update,
      enforcement: 'handler',
      summary: `Replace the tags of one of ${what}`,
      body: Type.Object({ tags: Type.Array(tagText) }),
      handler: async (request) => json({ tags: await change(request, () => request.body.tags) }),
    }),
    route({
      method: 'DELETE',
      path,
      policy: update,
      enforcement: 'handler',
      summary: `Remove all tags of one of ${what}`,
      handler: async (request) => {
        await change(request, () => []);
        return empty();
      },
    }),
    route({
      method: 'GET',
      path: `${path}/:tag`,
      policy: `get_${resource.member}`,
      enforcement: 'handler',
      summary: `Check a tag of one of ${what}`,
      handler: async (request) => {
        const tag = request.params.tag ?? '';
        if (!texts(await mustSee(resource, database, request), 'tags').includes(tag)) throw errors.TagNotFound(tag);
        return empty();
      },
    }),
    route({
      method: 'PUT',
      path: `${path}/:tag`,
      policy: update,
      enforcement: 'handler',
      summary: `Add a tag to one of ${what}`,
      handler: async (request) => {
        const tag = request.params.tag ?? '';
        if (tag.length > 255 || tag.includes(',')) throw errors.InvalidInput(`'${tag}' is not a valid tag`);
        await change(request, (tags) => [...tags, tag]);
        return empty(201);
      },
    }),
    route({
      method: 'DELETE',
      path: `${path}/:tag`,
      policy: update,
      enforcement: 'handler',
      summary: `Remove a tag of one of ${what}`,
      handler: async (request) => {
        const tag = request.params.tag ?? '';
        await change(request, (tags) => {
          if (!tags.includes(tag)) throw errors.TagNotFound(tag);
          return tags.filter((one) => one !== tag);
        });
        return empty();
      },
    }),
  ];
}
