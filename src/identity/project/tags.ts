// Tags of projects: /v3/projects/{id}/tags.
import { Type } from '@sinclair/typebox';
import { sql } from 'kysely';
import type { Database } from '../../database/index.ts';
import { type ApiRequest, empty, json, type Route, route } from '../../openstack/index.ts';
import { mustFind, type Row } from '../collection/index.ts';
import { errors } from '../errors.ts';
import type { Parts } from '../parts.ts';
import { projects } from './projects.ts';
import { maximumTags, tagList } from './tag-list.ts';

export function tagRoutes(parts: Parts): Route[] {
  const path = '/v3/projects/:id/tags';
  const project = (request: ApiRequest, rule: string) => mustFind(projects, parts, request, rule);
  return [
    route({
      method: 'GET',
      path,
      policy: 'identity:list_project_tags',
      enforcement: 'handler',
      summary: 'List the tags of a project',
      handler: async (request) => answer(request, tagsOf(await project(request, 'identity:list_project_tags'))),
    }),
    route({
      method: 'PUT',
      path,
      policy: 'identity:update_project_tags',
      enforcement: 'handler',
      summary: 'Replace the tags of a project',
      body: Type.Object({ tags: tagList }),
      handler: async (request) => {
        const row = await project(request, 'identity:update_project_tags');
        await write(parts.database, row, request.body.tags);
        return answer(request, [...request.body.tags]);
      },
    }),
    route({
      method: 'DELETE',
      path,
      policy: 'identity:delete_project_tags',
      enforcement: 'handler',
      summary: 'Remove all tags of a project',
      handler: async (request) => {
        await write(parts.database, await project(request, 'identity:delete_project_tags'), []);
        return empty();
      },
    }),
    route({
      method: 'GET',
      path: `${path}/:tag`,
      policy: 'identity:get_project_tag',
      enforcement: 'handler',
      summary: 'Check a tag of a project',
      handler: async (request) => {
        mustHave(await project(request, 'identity:get_project_tag'), request.params.tag ?? '');
        return empty();
      },
    }),
    route({
      method: 'PUT',
      path: `${path}/:tag`,
      policy: 'identity:create_project_tag',
      enforcement: 'handler',
      summary: 'Add a tag to a project',
      handler: async (request) => {
        const row = await project(request, 'identity:create_project_tag');
        const wanted = request.params.tag ?? '';
        if (!/^[^,/]{1,255}$/.test(wanted)) throw errors.Invalid('A tag has 1 to 255 characters without "," and "/".');
        const tags = [...new Set([...tagsOf(row), wanted])];
        if (tags.length > maximumTags) throw errors.Invalid(`A project has ${maximumTags} tags at the most.`);
        await write(parts.database, row, tags);
        return empty(201);
      },
    }),
    route({
      method: 'DELETE',
      path: `${path}/:tag`,
      policy: 'identity:delete_project_tag',
      enforcement: 'handler',
      summary: 'Remove a tag of a project',
      handler: async (request) => {
        const row = await project(request, 'identity:delete_project_tag');
        const unwanted = request.params.tag ?? '';
        mustHave(row, unwanted);
        await write(
          parts.database,
          row,
          tagsOf(row).filter((one) => one !== unwanted),
        );
        return empty();
      },
    }),
  ];
}

function tagsOf(row: Row): string[] {
  return Array.isArray(row.tags) ? row.tags.map(String) : [];
}

function mustHave(row: Row, wanted: string): void {
  if (!tagsOf(row).includes(wanted)) throw errors.NotFound('project tag', wanted);
}

function answer({ context, params }: ApiRequest, tags: string[]) {
  const self = `${context.baseUrl}/v3/projects/${params.id}/tags`;
  return json({ tags, links: { self, next: null, previous: null } });
}

async function write(database: Database, row: Row, tags: readonly string[]): Promise<void> {
  await sql`update identity_projects set tags = ${[...tags]}::text[] where id = ${row.id}`.execute(database);
}
