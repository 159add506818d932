// Handlers for image data: upload, stage, import, download, and the open read for machines.
import type { IncomingMessage } from 'node:http';
import { Type } from '@sinclair/typebox';
import { type Answer, type ApiRequest, empty, stream } from '../openstack/index.ts';
import type { See } from './access.ts';
import { type ImageData, parseRange } from './data.ts';
import { errors } from './errors.ts';
import type { Handler } from './handlers.ts';
import type { Image } from './image.ts';
import { isUuid } from './list.ts';
import type { ImageStore } from './store.ts';

export const importRequest = Type.Object({ method: Type.Object({ name: Type.String() }) });

export function dataHandlers({ store, see, data }: { store: ImageStore; see: See; data: ImageData }) {
  const upload: Handler = async (request) => {
    const { image, target } = await see(request);
    request.enforce('upload_image', target);
    refuseOtherMedia(request);
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

  const importImage: Handler<{ method: { name: string } }> = async (request) => {
    const { image, target } = await see(request);
    request.enforce('upload_image', target);
    if (request.body.method.name !== 'glance-direct') throw errors.ImportMethod(request.body.method.name);
    await data.importStaged(image);
    return empty(202);
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

  return { upload, stage, importImage, download, openRead };
}

function refuseOtherMedia({ headers }: ApiRequest): void {
  const type = headers['content-type'] ?? '';
  if (type !== 'application/octet-stream') throw errors.BadDataType(String(type));
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
