// Imports of image data as durable operations: what was staged, or what a web server has.
import type { RequestContext } from '../openstack/index.ts';
import {
  type Json,
  type Operation,
  type OperationContext,
  OperationFailed,
  type Operations,
} from '../operations/index.ts';
import type { ImageData } from './data.ts';
import { errors } from './errors.ts';
import type { Image } from './image.ts';
import type { ImageStore } from './store.ts';
import { second, storeId } from './view.ts';
import { allowedUri, download } from './web-download.ts';

/** Image API, "Interoperable image import". */
export const importMethods = ['glance-direct', 'web-download'] as const;
export type ImportMethod = (typeof importMethods)[number];

export function isImportMethod(name: string): name is ImportMethod {
  return importMethods.some((one) => one === name);
}

export interface Imports {
  /** Starts an import. Throws StatusConflict and ImportUri. */
  start(image: Image, method: ImportMethod, uri: string | undefined, context: RequestContext): Promise<void>;
  /** Imports as the Image API's tasks, the newest first; of one image, or all. */
  tasksOf(imageId?: string): Promise<Record<string, unknown>[]>;
  task(id: string): Promise<Record<string, unknown> | undefined>;
}

const kind = 'image.import';
const deadlineMs = 6 * 60 * 60_000;

/** Defines the operation `image.import`. */
export function createImports(parts: { operations: Operations; store: ImageStore; data: ImageData }): Imports {
  const { operations, store } = parts;
  operations.define(kind, {
    deadlineMs,
    handler: (context, input) => run(parts, context, input),
    settle: async (tx, { input }, { state }) => {
      if (state === 'done') return;
      const imageId = member(input, 'imageId');
      await store.setStatus(tx, imageId, ['importing'], 'queued');
      await store.setFailedImport(tx, imageId, storeId);
    },
  });
  return {
    async start(image, method, uri, { caller, requestId }) {
      if (image.diskFormat === null || image.containerFormat === null) throw errors.FormatsMissing();
      const staged = method === 'glance-direct';
      if (!staged && !allowedUri(uri ?? '')) throw errors.ImportUri(uri ?? '');
      await store.transaction(async (tx) => {
        const from = staged ? 'uploading' : 'queued';
        if (!(await store.setStatus(tx, image.id, [from], staged ? 'uploading' : 'importing')))
          throw errors.StatusConflict(image.status, 'importing');
        await store.setFailedImport(tx, image.id, null);
        await operations.start(tx, {
          kind,
          target: `image:${image.id}`,
          input: { imageId: image.id, method, uri: uri ?? '' },
          requestedBy: caller.userId,
          requestId,
          ...(caller.projectId === undefined ? {} : { projectId: caller.projectId }),
        });
      });
    },
    async tasksOf(imageId) {
      const all = await operations.list({ kind, ...(imageId === undefined ? {} : { target: `image:${imageId}` }) });
      return all.map(taskView);
    },
    async task(id) {
      const found = await operations.get(id);
      return found?.kind === kind ? taskView(found) : undefined;
    },
  };
}

async function run(
  { store, data }: { store: ImageStore; data: ImageData },
  context: OperationContext,
  input: Json,
): Promise<Json> {
  const imageId = member(input, 'imageId');
  const uri = member(input, 'uri');
  const staged = member(input, 'method') === 'glance-direct';
  await context.step(
    staged ? 'take over what was staged' : 'download',
    async () => {
      const image = await store.get(imageId);
      if (!image) throw new OperationFailed(`image ${imageId} was deleted`, '');
      if (image.status === 'active') return null;
      if (staged) await data.importStaged(image);
      else
        await data.download(
          image,
          download(uri, (done, total) => context.progress(done, total, 'bytes')),
        );
      return null;
    },
    staged ? {} : { reason: `downloading ${uri}` },
  );
  return { imageId };
}

const statuses = {
  queued: 'pending',
  running: 'processing',
  waiting: 'processing',
  parked: 'failure',
  done: 'success',
  failed: 'failure',
  cancelled: 'failure',
} as const;

/** Image API v2, "Show task details". */
function taskView(operation: Operation): Record<string, unknown> {
  const imageId = member(operation.input, 'imageId');
  const uri = member(operation.input, 'uri');
  return {
    id: operation.id,
    type: 'api_image_import',
    status: statuses[operation.state],
    owner: operation.projectId,
    input: {
      image_id: imageId,
      import_req: { method: { name: member(operation.input, 'method'), ...(uri === '' ? {} : { uri }) } },
    },
    result: operation.state === 'done' ? { image_id: imageId } : null,
    message: operation.failure?.cause ?? operation.reason ?? '',
    image_id: imageId,
    request_id: operation.requestId,
    user_id: operation.requestedBy,
    created_at: second(operation.createdAt),
    updated_at: second(operation.updatedAt),
    schema: '/v2/schemas/task',
    self: `/v2/tasks/${operation.id}`,
  };
}

function member(input: Json, name: string): string {
  const value = typeof input === 'object' && input !== null ? Reflect.get(input, name) : undefined;
  return typeof value === 'string' ? value : '';
}
