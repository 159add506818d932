// Handlers for the images themselves: create, list, show, change, delete, tags.
import { randomUUID } from 'node:crypto';
import type { Database } from '../database/index.ts';
import { type Answer, type ApiRequest, commonErrors, empty, json, nextPageUrl } from '../openstack/index.ts';
import type { See } from './access.ts';
import { errors } from './errors.ts';
import type { Image, ImageSettings, ImageStatus } from './image.ts';
import { listImages } from './list.ts';
import { parseListQuery } from './list-query.ts';
import { applyPatch, parsePatch } from './patch.ts';
import { newImageSettings, withAttribute } from './settings.ts';
import type { ImageStore } from './store.ts';
import { imageView, storeId } from './view.ts';

export type Handler<Body = unknown> = (request: ApiRequest<unknown, Body>) => Promise<Answer>;

export interface ImageParts {
  readonly database: Database;
  readonly store: ImageStore;
  readonly see: See;
  /** Import methods that are offered. */
  readonly importMethods: readonly string[];
}

export function imageHandlers({ database, store, see, importMethods }: ImageParts) {
  const list: Handler = async ({ search, context, raw }) => {
    if (namesNothing(raw.url)) throw errors.ImageNotFound('');
    const query = parseListQuery(search);
    const images = await listImages(database, query, context.caller);
    const first = new URLSearchParams(search);
    first.delete('marker');
    const last = images.at(-1);
    const full = images.length === query.limit && query.limit > 0;
    return json({
      images: images.map(imageView),
      first: first.size > 0 ? `/v2/images?${first}` : '/v2/images',
      ...(last && full ? { next: nextPageUrl('', '/v2/images', search, last.id) } : {}),
      schema: '/v2/schemas/images',
    });
  };

  const create: Handler<Readonly<Record<string, unknown>>> = async ({ body, context, enforce }) => {
    const { id, ...attributes } = body;
    const settings = Object.entries(attributes).reduce<ImageSettings>(
      (before, [name, value]) => withAttribute(before, name, value),
      { ...newImageSettings, owner: context.caller.projectId ?? null },
    );
    const target = { project_id: settings.owner, owner: settings.owner };
    enforce('add_image', target);
    enforceVisibility(enforce, settings, target);
    const imageId = typeof id === 'string' ? id.toLowerCase() : randomUUID();
    const image = await store.transaction((tx) => store.create(tx, imageId, settings));
    if (!image) throw errors.ImageExists(imageId);
    return json(imageView(image), 201, {
      location: `${context.baseUrl}/v2/images/${imageId}`,
      'openstack-image-import-methods': importMethods.join(','),
      'openstack-image-store-ids': storeId,
    });
  };

  const show: Handler = async (request) => json(imageView((await see(request)).image));

  const update: Handler = async (request) => {
    const type = request.headers['content-type'];
    const changes = parsePatch(Array.isArray(type) ? type[0] : type, request.body);
    const { image, target } = await see(request);
    request.enforce('modify_image', target);
    const saved = await change(image.id, (now) => {
      const settings = applyPatch(now, changes, now.status === 'queued');
      if (settings.visibility !== now.visibility) enforceVisibility(request.enforce, settings, target);
      if (settings.owner !== now.owner)
        request.enforce('add_image', { project_id: settings.owner, owner: settings.owner });
      return settings;
    });
    return json(imageView(saved));
  };

  const remove: Handler = async (request) => {
    const { image, target } = await see(request);
    request.enforce('delete_image', target);
    await store.transaction(async (tx) => {
      const now = await store.lock(tx, image.id);
      if (!now) throw errors.ImageNotFound(image.id);
      if (now.protected) throw errors.ImageProtected(image.id);
      await store.remove(tx, image.id);
    });
    return empty();
  };

  const addTag: Handler = async (request) => {
    const { image, target } = await see(request);
    request.enforce('modify_image', target);
    const tag = request.params.tag ?? '';
    await change(image.id, (now) => withAttribute(now, 'tags', [...now.tags, tag]));
    return empty();
  };

  const removeTag: Handler = async (request) => {
    const { image, target } = await see(request);
    request.enforce('modify_image', target);
    const tag = request.params.tag ?? '';
    await change(image.id, (now) => {
      if (!now.tags.includes(tag)) throw errors.TagNotFound(tag);
      return { ...now, tags: now.tags.filter((one) => one !== tag) };
    });
    return empty();
  };

  /** Switches data on or off; doing it twice is harmless. */
  const move =
    (rule: string, from: ImageStatus, to: ImageStatus): Handler =>
    async (request) => {
      const { image, target } = await see(request);
      request.enforce(rule, target);
      const moved = await store.transaction((tx) => store.setStatus(tx, image.id, [from, to], to));
      if (!moved) throw errors.TransitionForbidden(image.status, to);
      return empty();
    };

  function change(id: string, edit: (now: Image) => ImageSettings): Promise<Image> {
    return store.transaction(async (tx) => {
      const now = await store.lock(tx, id);
      if (!now) throw errors.ImageNotFound(id);
      return store.save(tx, id, edit(now));
    });
  }

  const importInfo: Handler = async () =>
    json({ 'import-methods': { description: 'Import methods available.', type: 'array', value: importMethods } });

  /** Image API, "Show usage": sizes in MiB; a limit of -1 is none. */
  const usage: Handler = async ({ context }) => {
    const used = await store.usage(context.caller.projectId ?? '');
    const view = Object.entries(used).map(([name, amount]) => [name, { usage: amount, limit: -1 }]);
    return json({ usage: Object.fromEntries(view) });
  };

  /** Images are deleted one by one. */
  const removeAll: Handler = async ({ raw }) => {
    throw namesNothing(raw.url) ? errors.ImageNotFound('') : commonErrors.MethodNotAllowed('DELETE');
  };

  return {
    list,
    removeAll,
    importInfo,
    usage,
    create,
    show,
    update,
    remove,
    addTag,
    removeTag,
    deactivate: move('deactivate', 'active', 'deactivated'),
    reactivate: move('reactivate', 'deactivated', 'active'),
  };
}

/** `/v2/images/` asks for an image whose id is empty, not for the list. */
function namesNothing(url: string | undefined): boolean {
  return /\/images\/(\?|$)/.test(url ?? '');
}

function enforceVisibility(
  enforce: ApiRequest['enforce'],
  { visibility }: ImageSettings,
  target: Readonly<Record<string, unknown>>,
): void {
  if (visibility === 'public') enforce('publicize_image', target);
  if (visibility === 'community') enforce('communitize_image', target);
}
