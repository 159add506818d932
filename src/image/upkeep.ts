// The upkeep of the chunk store as operations that a person starts and watches.
import { Type } from '@sinclair/typebox';
import { commonErrors, json, type RequestContext } from '../openstack/index.ts';
import type { Json, Operations } from '../operations/index.ts';
import type { See } from './access.ts';
import type { Blobs, Swept } from './chunks/index.ts';
import type { Handler } from './handlers.ts';
import type { ImageStore } from './store.ts';

export interface Upkeep {
  /** Starts a verification of one image or of all; returns the operation's id. */
  verify(imageId: string | undefined, context: RequestContext): Promise<string>;
  /** Starts a freeing; returns the operation's id. */
  collect(context: RequestContext): Promise<string>;
}

interface UpkeepParts {
  readonly operations: Operations;
  readonly store: ImageStore;
  readonly blobs: Blobs;
  readonly sweep: (onFreed: (chunks: number) => void) => Promise<Swept>;
}

const verifyKind = 'image.verify';
const collectKind = 'image.gc';
const deadlineMs = 24 * 60 * 60_000;

/** Defines the operations `image.verify` and `image.gc`. */
export function createUpkeep({ operations, store, blobs, sweep }: UpkeepParts): Upkeep {
  operations.define(verifyKind, {
    deadlineMs,
    handler: (context, input) =>
      context.step('read every chunk', async () => {
        const { chunks, bytes, damaged } = await blobs.verify({
          ...imageOf(input),
          onProgress: (done, total) => context.progress(done, total, 'bytes'),
        });
        return { chunks, bytes, damaged: damaged.map((one) => ({ ...one })) };
      }),
  });
  operations.define(collectKind, {
    deadlineMs,
    handler: (context) =>
      context.step('free what nothing refers to', async () => {
        const { blobs: uploads, chunks, storedBytes } = await sweep((freed) => context.progress(freed, null, 'chunks'));
        return { uploads, chunks, bytes: storedBytes };
      }),
  });
  const start = (kind: string, target: string, input: Json, { caller, requestId }: RequestContext) =>
    store.transaction((tx) =>
      operations.start(tx, {
        kind,
        target,
        input,
        requestedBy: caller.userId,
        requestId,
        ...(caller.projectId === undefined ? {} : { projectId: caller.projectId }),
      }),
    );
  return {
    verify: (imageId, context) =>
      start(
        verifyKind,
        imageId === undefined ? 'image-store:verify' : `image-verify:${imageId}`,
        imageId ?? null,
        context,
      ),
    collect: (context) => start(collectKind, 'image-store:gc', null, context),
  };
}

function imageOf(input: Json): { imageId?: string } {
  return typeof input === 'string' ? { imageId: input } : {};
}

export const verifyRequest = Type.Object({ image: Type.Optional(Type.String()) });

/** Both answer 202 with the id of the operation to watch. */
export function upkeepHandlers({ upkeep, see }: { upkeep: Upkeep | undefined; see: See }) {
  const offered = () => {
    if (!upkeep) throw commonErrors.NotFound();
    return upkeep;
  };
  const verify: Handler<{ image?: string }> = async (request) => {
    const { image } = request.body;
    if (image !== undefined) await see({ ...request, params: { image } });
    return json({ operation_id: await offered().verify(image, request.context) }, 202);
  };
  const collect: Handler = async ({ context }) => json({ operation_id: await offered().collect(context) }, 202);
  return { verify, collect };
}
