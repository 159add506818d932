// The public face of the image service.
import type { Readable } from 'node:stream';
import type { Database } from '../database/index.ts';
import type { Api, Caller } from '../openstack/index.ts';
import type { Operations } from '../operations/index.ts';
import { createSee } from './access.ts';
import { createBlobs, createChunkFiles, type SweepOptions, type Swept, type Verified } from './chunks/index.ts';
import { createImageData } from './data.ts';
import { dataHandlers } from './data-handlers.ts';
import { errors } from './errors.ts';
import { imageHandlers } from './handlers.ts';
import type { Image } from './image.ts';
import { createImports, importMethods } from './imports.ts';
import { isUuid, listImages } from './list.ts';
import { parseListQuery } from './list-query.ts';
import { memberHandlers } from './member-handlers.ts';
import { createMemberStore } from './members.ts';
import { metadefRoutes } from './metadef/routes.ts';
import { createMetadefStore } from './metadef/store.ts';
import { imageApi, machineImageApi } from './routes.ts';
import { createImageStore } from './store.ts';
import { createUpkeep, upkeepHandlers } from './upkeep.ts';

export type { DamagedChunk, Swept, Verified } from './chunks/index.ts';
export type { Image, ImageStatus, Visibility } from './image.ts';

export interface Images {
  /** Image API v2. */
  readonly api: Api;
  /** Image bytes for the machines' listener: `/images/ID`. */
  readonly machineApi: Api;
  /** The image of this id or name, among those that the caller sees. Throws ImageAmbiguous (409) for a name that several have. */
  find(idOrName: string, caller: Caller): Promise<Image | undefined>;
  get(id: string): Promise<Image | undefined>;
  /** Bytes `start` to `end` (exclusive) of an active image. Throws ImageNotFound or NoData. */
  openData(id: string, range?: { start?: number; end?: number }): Promise<Readable>;
  /** Re-reads the chunks of one image or of all and compares them with their names. */
  verify(options?: { imageId?: string; onProgress?: (done: number, total: number) => void }): Promise<Verified>;
  /** Frees what nothing refers to, and puts images whose upload died back to `queued`. */
  sweep(options?: SweepOptions): Promise<Swept>;
  /** Sweeps now and then every few minutes. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

const sweepEveryMs = 5 * 60_000;

/**
 * `folder` holds the chunks. `compress: false` stores them as they come. With `operations` imports are offered; create images
 * before `operations.launch()` then.
 */
export function createImages({
  database,
  folder,
  operations,
  compress = true,
  log,
}: {
  database: Database;
  folder: string;
  operations?: Operations;
  compress?: boolean;
  log?: { warn(message: string, detail: unknown): void };
}): Images {
  const store = createImageStore(database);
  const members = createMemberStore(database);
  const blobs = createBlobs({ database, files: createChunkFiles(folder, { compress }) });
  const data = createImageData({ store, blobs });
  const imports = operations && createImports({ operations, store, data });
  const sweep = async (options?: SweepOptions) => {
    const swept = await blobs.sweep(options);
    await store.requeueAbandoned();
    return swept;
  };
  const upkeep = operations && createUpkeep({ operations, store, blobs, sweep: (onFreed) => sweep({ onFreed }) });
  const see = createSee(store, members);
  let timer: NodeJS.Timeout | undefined;
  let sweeping: Promise<unknown> = Promise.resolve();
  const handlers = {
    images: imageHandlers({ database, store, see, importMethods: imports ? importMethods : [] }),
    data: dataHandlers({ store, see, data, imports }),
    members: memberHandlers({ members, see }),
    upkeep: upkeepHandlers({ upkeep, see }),
    metadefs: metadefRoutes(createMetadefStore(database)),
  };
  return {
    api: imageApi(handlers),
    machineApi: machineImageApi(handlers),
    async find(idOrName, caller) {
      const query = {
        ...parseListQuery(new URLSearchParams({ visibility: 'all', limit: '2' })),
        hidden: 'all',
      } as const;
      const [byId] = isUuid(idOrName) ? await listImages(database, { ...query, ids: [idOrName] }, caller) : [];
      if (byId) return byId;
      const [first, second] = await listImages(database, { ...query, names: [idOrName] }, caller);
      if (first && second) throw errors.ImageAmbiguous(idOrName, [first.id, second.id]);
      return first;
    },
    get: async (id) => (isUuid(id) ? store.get(id) : undefined),
    async openData(id, range) {
      const image = isUuid(id) ? await store.get(id) : undefined;
      if (!image) throw errors.ImageNotFound(id);
      if (image.status !== 'active') throw errors.NoData(id);
      return data.open(image, range);
    },
    verify: (options) => blobs.verify(options),
    sweep,
    async start() {
      await sweep();
      timer = setInterval(() => {
        sweeping = sweep().catch((error: unknown) => log?.warn('the chunk store could not be swept', error));
      }, sweepEveryMs).unref();
    },
    async stop() {
      clearInterval(timer);
      await sweeping;
    },
  };
}
