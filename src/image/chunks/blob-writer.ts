// Writes a stream of bytes as chunks while it arrives, with the hashes of the whole.
import { createHash } from 'node:crypto';
import { sql, type Transaction } from 'kysely';
import type { Database } from '../../database/index.ts';
import type { ChunkFiles } from './chunk-files.ts';
import { chunkBytes } from './chunk-format.ts';
import { type BlobTables, withBlobTables } from './tables.ts';

export interface Written {
  readonly sizeBytes: number;
  /** Hex digests of all bytes. */
  readonly md5: string;
  readonly sha512: string;
}

/** The image or its writing was removed while the bytes came in. */
export class BlobGone extends Error {
  override name = 'BlobGone';
}

/** What the chunks of one blob share while it is written. */
interface Writing {
  readonly database: Database;
  readonly files: ChunkFiles;
  readonly blobId: string;
  /** Chunks whose files this writer wrote or found whole, by name. */
  readonly written: Map<string, Buffer>;
}

/** Chunks on their way to the disk at one time, per writer; with the one being filled this bounds a writer's memory. */
const inFlight = 3;

/**
 * Stores every byte of `source` under the blob `blobId`; all chunks are referred to and on the disk when it resolves.
 * `inspect` sees the first chunk before anything is stored and may throw. Throws BlobGone when the blob's row is gone.
 */
export async function writeBlob(
  { database, files }: { database: Database; files: ChunkFiles },
  blobId: string,
  source: AsyncIterable<Buffer>,
  inspect: (head: Buffer) => void,
): Promise<Written> {
  const md5 = createHash('md5');
  const sha512 = createHash('sha512');
  const spare: Buffer[] = [];
  const written = new Map<string, Buffer>();
  const running = new Set<Promise<void>>();
  let failure: unknown;
  let buffer: Buffer = Buffer.allocUnsafe(chunkBytes);
  let filled = 0;
  let start = 0;

  async function flush(): Promise<void> {
    const whole = buffer;
    const content = whole.subarray(0, filled);
    if (start === 0) inspect(content);
    while (running.size >= inFlight) await Promise.race(running);
    if (failure !== undefined) throw failure;
    const task = putChunk({ database, files, blobId, written }, start, content)
      .catch((error: unknown) => {
        failure ??= error;
      })
      .finally(() => {
        running.delete(task);
        spare.push(whole);
      });
    running.add(task);
    start += filled;
    filled = 0;
    buffer = spare.pop() ?? Buffer.allocUnsafe(chunkBytes);
  }

  try {
    for await (const piece of source) {
      md5.update(piece);
      sha512.update(piece);
      for (let at = 0; at < piece.length; ) {
        const copied = piece.copy(buffer, filled, at, Math.min(piece.length, at + chunkBytes - filled));
        filled += copied;
        at += copied;
        if (filled === chunkBytes) await flush();
      }
    }
    if (filled > 0) await flush();
    else if (start === 0) inspect(Buffer.alloc(0));
  } finally {
    await Promise.all(running);
  }
  if (failure !== undefined) throw failure;
  await files.sync([...written.values()]);
  await markSynced(database, blobId);
  return { sizeBytes: start, md5: md5.digest('hex'), sha512: sha512.digest('hex') };
}

/** Stores one chunk. Its row is locked from before the file is looked at until the reference is there: no sweep comes between. */
async function putChunk({ database, files, blobId, written }: Writing, start: number, content: Buffer): Promise<void> {
  const sha256 = createHash('sha256').update(content).digest();
  await withBlobTables(database)
    .transaction()
    .execute(async (tx) => {
      // The commit that makes the image active brings this one to the disk with it.
      await sql`set local synchronous_commit = off`.execute(tx);
      const known = await lockChunk(tx, sha256, content.length);
      const name = sha256.toString('hex');
      const whole = known.synced || written.has(name);
      const stored = await files.write(sha256, content, whole ? known.stored_bytes : undefined);
      written.set(name, sha256);
      if (stored !== known.stored_bytes)
        await tx.updateTable('image_chunks').set({ stored_bytes: stored }).where('sha256', '=', sha256).execute();
      const { numInsertedOrUpdatedRows } = await tx
        .insertInto('image_blob_chunks')
        .columns(['blob_id', 'start_bytes', 'size_bytes', 'sha256'])
        .expression((from) =>
          from
            .selectFrom('image_blobs')
            .select(({ val, ref }) => [
              ref('id').as('id'),
              val(start).as('start'),
              val(content.length).as('size'),
              val(sha256).as('sha256'),
            ])
            .where('id', '=', blobId)
            .where('state', '=', 'writing'),
        )
        .executeTakeFirstOrThrow();
      if (numInsertedOrUpdatedRows !== 1n) throw new BlobGone(`blob ${blobId} was removed while it was written`);
    });
}

/** From here on others may rely on the files of this blob's chunks. */
async function markSynced(database: Database, blobId: string): Promise<void> {
  // Locked in order: two uploads with the same chunks must not wait for each other.
  await sql`with chunks as (
      select sha256 from image_chunks where not synced and sha256 in (select sha256 from image_blob_chunks where blob_id = ${blobId})
      order by sha256 for no key update)
    update image_chunks set synced = true from chunks where image_chunks.sha256 = chunks.sha256`.execute(database);
}

/** Locks the chunk's row against the sweep, made when missing with a stored length of 0. */
async function lockChunk(
  tx: Transaction<BlobTables>,
  sha256: Buffer,
  sizeBytes: number,
): Promise<{ stored_bytes: number; synced: boolean }> {
  for (;;) {
    const row = await tx
      .selectFrom('image_chunks')
      .select(['stored_bytes', 'synced'])
      .where('sha256', '=', sha256)
      .forKeyShare()
      .executeTakeFirst();
    if (row) return row;
    const made = await tx
      .insertInto('image_chunks')
      .values({ sha256, size_bytes: sizeBytes, stored_bytes: 0 })
      .onConflict((conflict) => conflict.doNothing())
      .returning('sha256')
      .executeTakeFirst();
    if (made) return { stored_bytes: 0, synced: false };
  }
}
