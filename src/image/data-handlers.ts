// Handlers for image data: upload, stage, import, download, and the open read for machines.
import type { IncomingMessage } from 'node:http';
import { type Static, Type } from '@sinclair/typebox';
import { type Answer, type ApiRequest, commonErrors, empty, json, stream } from '../openstack/index.ts';
import type { See } from './access.ts';
import { type ImageData, parseRange } from './data.ts';
import { errors } from './errors.ts';
import type { Handler } from './handlers.ts';
import type { Image } from './image.ts';
import { type Imports, isImportMethod } from './imports.ts';
import { isUuid } from './list.ts';
import type { ImageStore } from './store.ts';
import { storeId } from './view.ts';

export const importRequest = Type.Object({
  method: Type.Object({ name: Type.String(), uri: Type.Optional(Type.String({ maxLength: 4096 })) }),
  stores: Type.Optional(Type.Array(Type.String())),
  all_stores: Type.Optional(Type.Boolean()),
  all_stores_must_succeed: Type.Optional(Type.Boolean()),
});

export interface DataParts {
  readonly store: ImageStore;
  readonly see: See;
  readonly data: ImageData;
  readonly imports: Imports | undefined;
}

export function dataHandlers({ store, see, data, imports }: DataParts) {
  const upload: Handler = async (request) => {
    const { image, target } = await see(request);
    request.enforce('upload_image', target);
    refuseOtherMedia(request);
    refuseOtherStore(request.headers['x-image-meta-store'] ?? storeId);
    await data.upload(image, bytesOf(request.raw), announcedSize(request));
    return empty();
  };

  const stage: Handler = async (request) => {
    const { image, target } = await see(request);
    request.enforce('upload_image', target);
    refuseOtherMedia(request);
    await data.stage(image, bytesOf(request.raw));
    return empty();
  };

  const importImage: Handler<Static<typeof importRequest>> = async (request) => {
    const { image, target } = await see(request);
    const { name, uri } = request.body.method;
    for (const store of request.body.stores ?? []) refuseOtherStore(store);
    if (name === 'copy-image') {
      request.enforce('copy_image', target);
      throw image.status === 'active' ? errors.AlreadyInStore(storeId) : errors.CopyNeedsActive();
    }
    request.enforce('upload_image', target);
    if (!imports || !isImportMethod(name)) throw errors.ImportMethod(name);
    await imports.start(image, name, uri, request.context);
    return empty(202);
  };

  const tasks: Handler = async (request) => {
    const { image } = await see(request);
    return json({ tasks: imports ? await imports.tasksOf(image.id) : [] });
  };

  const allTasks: Handler = async () =>
    json({
      tasks: imports ? await imports.tasksOf() : [],
      first: '/v2/tasks',
      schema: '/v2/schemas/tasks',
    });

  const task: Handler = async ({ params }) => {
    const id = params.task ?? '';
    const found = isUuid(id) ? await imports?.task(id) : undefined;
    if (!found) throw errors.TaskNotFound(id);
    return json(found);
  };

  const download: Handler = async (request) => {
    const { image, target } = await see(request);
    request.enforce('download_image', target);
    if (image.status === 'deactivated' && !request.context.caller.roles.includes('admin')) throw errors.Deactivated();
    if (image.status !== 'active' && image.status !== 'deactivated') return empty();
    return give(image, request, image.checksum === null ? {} : { 'content-md5': image.checksum });
  };

  /** Bytes of an active image to a machine of the provisioning network, which has no token. */
  const openRead: Handler = async (request) => {
    const id = request.params.image ?? '';
    const image = isUuid(id) ? await store.get(id) : undefined;
    if (!image) throw errors.ImageNotFound(id);
    if (image.status !== 'active') throw errors.NoData(id);
    return give(image, request, image.osHashValue === null ? {} : { etag: `"${image.osHashValue}"` });
  };

  /** Image data is not taken out of a store that alone has it. */
  const leaveStore: Handler = async (request) => {
    const { image, target } = await see(request);
    request.enforce('delete_image_location', target);
    const store = request.params.store ?? '';
    if (store !== storeId || image.checksum === null) throw commonErrors.NotFound();
    throw errors.OnlyStore(storeId, image.id);
  };

  function give(image: Image, request: ApiRequest, more: Readonly<Record<string, string>>): Answer {
    const size = image.sizeBytes ?? 0;
    const asked = request.headers.range;
    const range = parseRange(Array.isArray(asked) ? asked[0] : asked, size);
    const { start, end } = range ?? { start: 0, end: size };
    const headers = {
      'content-type': 'application/octet-stream',
      'content-length': String(end - start),
      'accept-ranges': 'bytes',
      ...(range ? { 'content-range': `bytes ${start}-${end - 1}/${size}` } : {}),
      ...more,
    };
    const status = range ? 206 : 200;
    if (request.raw.method === 'HEAD') return { status, headers };
    return stream(data.open(image, { start, end }), headers, status);
  }

  return { upload, stage, importImage, tasks, allTasks, task, download, leaveStore, openRead };
}

function refuseOtherMedia({ headers }: ApiRequest): void {
  const type = headers['content-type'] ?? '';
  if (type !== 'application/octet-stream') throw errors.BadDataType(String(type));
}

function refuseOtherStore(store: string | string[]): void {
  if (store !== storeId) throw errors.UnknownStore(String(store));
}

/** Image API 2.13: the client may say how many bytes it is going to send. */
function announcedSize({ headers }: ApiRequest): number | undefined {
  const text = headers['x-openstack-image-size'];
  return typeof text === 'string' && /^\d+$/.test(text) ? Number(text) : undefined;
}

/** The body's bytes; a refusal in the middle leaves the connection able to carry the answer. */
async function* bytesOf(message: IncomingMessage): AsyncGenerator<Buffer> {
  for await (const piece of message.iterator({ destroyOnReturn: false })) {
    yield Buffer.isBuffer(piece) ? piece : Buffer.from(piece);
  }
}
