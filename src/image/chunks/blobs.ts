// The blobs of images: written once, read by range, verified, swept.
import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { sql } from 'kysely';
import type { Database, Transaction } from '../../database/index.ts';
import { type Written, writeBlob } from './blob-writer.ts';
import type { ChunkFiles } from './chunk-files.ts';
import { frameBytes } from './chunk-format.ts';
import { createHashThreads } from './hash-threads.ts';
import { type SweepOptions, type Swept, sweepBlobs } from './sweep.ts';
import { inBlobTables, withBlobTables } from './tables.ts';

export interface DamagedChunk {
  readonly sha256: string;
  readonly problem: string;
  /** Images that cannot be read because of it. */
  readonly imageIds: readonly string[];
}

export interface Verified {
  readonly chunks: number;
  readonly bytes: number;
  readonly damaged: readonly DamagedChunk[];
}

export interface Blobs {
  /** Opens a writing for an image in `tx` and returns its id. */
  begin(tx: Transaction, imageId: string): Promise<string>;
  /** Stores the bytes. `inspect` sees the first chunk and may refuse it by throwing. Throws BlobGone. */
  write(blobId: string, source: AsyncIterable<Buffer>, inspect: (head: Buffer) => void): Promise<Written>;
  /** Ends a writing in `tx`: `current` makes its bytes the image's. False when the writing is gone. */
  finish(tx: Transaction, blobId: string, state: 'current' | 'staged', sizeBytes: number): Promise<boolean>;
  /** Makes the staged bytes of an image its own. False when nothing is staged. */
  promote(tx: Transaction, imageId: string): Promise<boolean>;
  discard(blobId: string): Promise<void>;
  /** Bytes `start` to `end` (exclusive) of an image's current (or staged) blob, every frame checked. */
  open(imageId: string, range: { start: number; end: number }, state?: 'current' | 'staged'): Readable;
  /** Re-reads every chunk (of one image, or all) and compares it with its name. Progress is in bytes of images. */
  verify(options?: { imageId?: string; onProgress?: (done: number, total: number) => void }): Promise<Verified>;
  sweep(options?: SweepOptions): Promise<Swept>;
}

const heartbeatMs = 10_000;
const listPage = 256;

export function createBlobs({ database, files }: { database: Database; files: ChunkFiles }): Blobs {
  const db = withBlobTables(database);
  const threads = createHashThreads();

  async function* readChunks(imageId: string, start: number, end: number, state: 'current' | 'staged') {
    let from = start;
    while (from < end) {
      const rows = await db
        .selectFrom('image_blob_chunks as part')
        .innerJoin('image_blobs as blob', 'blob.id', 'part.blob_id')
        .select(['part.start_bytes', 'part.size_bytes', 'part.sha256'])
        .where('blob.image_id', '=', imageId)
        .where('blob.state', '=', state)
        .where(sql<number>`part.start_bytes + part.size_bytes`, '>', from)
        .where('part.start_bytes', '<', end)
        .orderBy('part.start_bytes')
        .limit(listPage)
        .execute();
      if (rows[0]?.start_bytes === undefined || rows[0].start_bytes > from)
        throw new Error(`image ${imageId} has no bytes at ${from}: it was deleted while it was read`);
      for (const row of rows) {
        const first = Math.max(0, from - row.start_bytes);
        const last = Math.min(row.size_bytes, end - row.start_bytes);
        yield* files.read(row.sha256, row.size_bytes, first, last);
        from = row.start_bytes + last;
      }
    }
  }

  return {
    async begin(tx, imageId) {
      const id = randomUUID();
      await inBlobTables(tx)
        .insertInto('image_blobs')
        .values({ id, image_id: imageId, state: 'writing', size_bytes: 0, seen_at: sql<Date>`now()` })
        .execute();
      return id;
    },
    async write(blobId, source, inspect) {
      const beat = setInterval(() => {
        // A heartbeat that is lost is made up for by the next; without any, the sweep takes the blob and the write ends with BlobGone.
        db.updateTable('image_blobs')
          .set({ seen_at: sql<Date>`now()` })
          .where('id', '=', blobId)
          .execute()
          .catch(() => undefined);
      }, heartbeatMs);
      try {
        return await writeBlob({ database, files, threads }, blobId, source, inspect);
      } finally {
        clearInterval(beat);
      }
    },
    async finish(tx, blobId, state, sizeBytes) {
      const done = await inBlobTables(tx)
        .updateTable('image_blobs')
        .set({ state, size_bytes: sizeBytes })
        .where('id', '=', blobId)
        .where('state', '=', 'writing')
        .executeTakeFirst();
      return done.numUpdatedRows === 1n;
    },
    async promote(tx, imageId) {
      const done = await inBlobTables(tx)
        .updateTable('image_blobs')
        .set({ state: 'current' })
        .where('image_id', '=', imageId)
        .where('state', '=', 'staged')
        .executeTakeFirst();
      return done.numUpdatedRows === 1n;
    },
    async discard(blobId) {
      await db.deleteFrom('image_blobs').where('id', '=', blobId).where('state', '=', 'writing').execute();
    },
    open: (imageId, { start, end }, state = 'current') =>
      Readable.from(readChunks(imageId, start, end, state), { objectMode: false, highWaterMark: frameBytes }),
    async verify({ imageId, onProgress } = {}) {
      const damaged: DamagedChunk[] = [];
      const chunks = await db
        .selectFrom('image_chunks as chunk')
        .select(['chunk.sha256', 'chunk.size_bytes'])
        .$if(imageId !== undefined, (query) =>
          query.where('chunk.sha256', 'in', (from) =>
            from
              .selectFrom('image_blob_chunks as part')
              .innerJoin('image_blobs as blob', 'blob.id', 'part.blob_id')
              .select('part.sha256')
              .where('blob.image_id', '=', imageId ?? ''),
          ),
        )
        .orderBy('chunk.sha256')
        .execute();
      const total = chunks.reduce((sum, { size_bytes }) => sum + size_bytes, 0);
      let bytes = 0;
      for (const { sha256, size_bytes } of chunks) {
        const problem = await files.verify(sha256, size_bytes);
        if (problem !== undefined) {
          const owners = await db
            .selectFrom('image_blob_chunks as part')
            .innerJoin('image_blobs as blob', 'blob.id', 'part.blob_id')
            .select('blob.image_id')
            .distinct()
            .where('part.sha256', '=', sha256)
            .execute();
          damaged.push({ sha256: sha256.toString('hex'), problem, imageIds: owners.map((row) => row.image_id) });
        }
        bytes += size_bytes;
        onProgress?.(bytes, total);
      }
      return { chunks: chunks.length, bytes, damaged };
    },
    sweep: (options) => sweepBlobs(database, files, options),
  };
}
