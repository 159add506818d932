// Handlers for a server's metadata and tags.
import type { Static } from '@sinclair/typebox';
import { type ApiRequest, empty, json } from '../../openstack/index.ts';
import { errors } from '../errors.ts';
import type { ComputeParts } from '../parts.ts';
import { refuseLocked, seeServer, setColumns } from './handlers.ts';
import type { metaBody, metadataBody, tagsBody } from './schemas.ts';

type Request<Body = unknown> = ApiRequest<unknown, Body>;

const maxItems = 128;
const maxTags = 50;

export function detailHandlers(parts: Pick<ComputeParts, 'database'>) {
  const see = async (request: Request, rule: string) => (await seeServer(parts, request, rule)).server;
  const writable = async (request: Request, rule: string) => {
    const server = await see(request, rule);
    refuseLocked(server, request.context.caller);
    return server;
  };
  const metadataRule = 'os_compute_api:server-metadata';
  const tagsRule = 'os_compute_api:os-server-tags';

  async function writeMetadata(id: string, edit: (now: Readonly<Record<string, string>>) => Record<string, string>) {
    const row = await setColumns(parts, id, ({ metadata }) => {
      const after = edit(metadata);
      if (Object.keys(after).length > maxItems)
        throw errors.Invalid(`Maximum number of metadata items exceeds ${maxItems}`);
      return { metadata: JSON.stringify(after) };
    });
    return row.metadata;
  }

  return {
    metadata: async (request: Request) =>
      json({ metadata: (await see(request, 'os_compute_api:servers:show')).metadata }),

    async addMetadata(request: Request<Static<typeof metadataBody>>) {
      const server = await writable(request, metadataRule);
      return json({ metadata: await writeMetadata(server.id, (now) => ({ ...now, ...request.body.metadata })) });
    },

    async replaceMetadata(request: Request<Static<typeof metadataBody>>) {
      const server = await writable(request, metadataRule);
      return json({ metadata: await writeMetadata(server.id, () => ({ ...request.body.metadata })) });
    },

    async metadataItem(request: Request) {
      const { metadata } = await see(request, 'os_compute_api:servers:show');
      const key = request.params.key ?? '';
      if (!Object.hasOwn(metadata, key)) throw errors.MetadataNotFound();
      return json({ meta: { [key]: metadata[key] } });
    },

    async setMetadataItem(request: Request<Static<typeof metaBody>>) {
      const server = await writable(request, metadataRule);
      const key = request.params.key ?? '';
      if (!Object.hasOwn(request.body.meta, key)) throw errors.Invalid('Request body and URI mismatch');
      await writeMetadata(server.id, (now) => ({ ...now, ...request.body.meta }));
      return json({ meta: request.body.meta });
    },

    async removeMetadataItem(request: Request) {
      const server = await writable(request, metadataRule);
      const key = request.params.key ?? '';
      await writeMetadata(server.id, (now) => {
        if (!Object.hasOwn(now, key)) throw errors.MetadataNotFound();
        const { [key]: _removed, ...rest } = now;
        return rest;
      });
      return empty(204);
    },

    tags: async (request: Request) => json({ tags: (await see(request, 'os_compute_api:servers:show')).tags }),

    async replaceTags(request: Request<Static<typeof tagsBody>>) {
      const server = await writable(request, tagsRule);
      const row = await setColumns(parts, server.id, () => ({ tags: [...new Set(request.body.tags)] }));
      return json({ tags: row.tags });
    },

    async clearTags(request: Request) {
      const server = await writable(request, tagsRule);
      await setColumns(parts, server.id, () => ({ tags: [] }));
      return empty(204);
    },

    async tag(request: Request) {
      const server = await see(request, 'os_compute_api:servers:show');
      const tag = request.params.tag ?? '';
      if (!server.tags.includes(tag)) throw errors.TagNotFound(server.id, tag);
      return empty(204);
    },

    async addTag(request: Request) {
      const server = await writable(request, tagsRule);
      const tag = request.params.tag ?? '';
      if (!/^[^,/\0]{1,60}$/.test(tag)) throw errors.Invalid(`Invalid tag ${JSON.stringify(tag)}`);
      const known = server.tags.includes(tag);
      await setColumns(parts, server.id, ({ tags }) => {
        if (tags.length >= maxTags && !tags.includes(tag))
          throw errors.Invalid(`The number of tags exceeded the per-server limit ${maxTags}`);
        return { tags: [...new Set([...tags, tag])] };
      });
      return empty(known ? 204 : 201);
    },

    async removeTag(request: Request) {
      const server = await writable(request, tagsRule);
      const tag = request.params.tag ?? '';
      await setColumns(parts, server.id, ({ tags }) => {
        if (!tags.includes(tag)) throw errors.TagNotFound(server.id, tag);
        return { tags: tags.filter((one) => one !== tag) };
      });
      return empty(204);
    },
  };
}
