// Writes a stream of bytes as chunks while it arrives, with the hashes of the whole.
import { sql, type Transaction } from 'kysely';
import type { Database } from '../../database/index.ts';
import type { ChunkFiles } from './chunk-files.ts';
import { chunksOf, minChunkBytes } from './cut.ts';
import { type Hashing, type HashThreads, hashHere } from './hash-threads.ts';
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

interface Chunk {
  /** Where in the blob it begins. */
  readonly start: number;
  readonly content: Buffer;
  readonly sha256: Buffer;
}

/** Chunks on their way to the disk at one time, per writer; with the one being filled this bounds a writer's memory. */
const inFlight = 3;

/**
 * Stores every byte of `source` under the blob `blobId`; all chunks are referred to and on the disk when it resolves.
 * `inspect` sees the first chunk before anything is stored and may throw. Throws BlobGone when the blob's row is gone.
 */
export async function writeBlob(
  { database, files, threads }: { database: Database; files: ChunkFiles; threads: HashThreads },
  blobId: string,
  source: AsyncIterable<Buffer>,
  inspect: (head: Buffer) => void,
): Promise<Written> {
  const written = new Map<string, Buffer>();
  const running = new Set<Promise<void>>();
  let hashes: BlobHashes | undefined;
  let digests: Pick<Written, 'md5' | 'sha512'>;
  let failure: unknown;
  let sizeBytes = 0;

  async function put(whole: BlobHashes, content: Buffer, start: number): Promise<void> {
    await Promise.all([
      whole.update(content),
      whole.by
        .sha256(content)
        .then((sha256) => putChunk({ database, files, blobId, written }, { start, content, sha256 })),
    ]);
  }

  try {
    for await (const content of chunksOf(source, threads.memory)) {
      if (!hashes) {
        inspect(content);
        hashes = hashBlob(content.length < minChunkBytes ? hashHere : threads);
      }
      while (running.size >= inFlight) await Promise.race(running);
      if (failure !== undefined) throw failure;
      const task = put(hashes, content, sizeBytes)
        .catch((error: unknown) => {
          failure ??= error;
        })
        .then(() => {
          running.delete(task);
          threads.memory.give(content);
        });
      running.add(task);
      sizeBytes += content.length;
    }
    if (!hashes) inspect(Buffer.alloc(0));
  } finally {
    await Promise.all(running);
    digests = await (hashes ?? hashBlob(hashHere)).end();
  }
  if (failure !== undefined) throw failure;
  await files.sync([...written.values()]);
  await markSynced(database, blobId);
  return { sizeBytes, ...digests };
}

/** The hashes of a whole blob, each fed with its chunks in their order. */
interface BlobHashes {
  readonly by: Hashing;
  update(content: Buffer): Promise<unknown>;
  /** Hex digests. Call it for a blob that is given up too. */
  end(): Promise<Pick<Written, 'md5' | 'sha512'>>;
}

function hashBlob(by: Hashing): BlobHashes {
  const md5 = by.open('md5');
  const sha512 = by.open('sha512');
  return {
    by,
    update: (content) => Promise.all([md5.update(content), sha512.update(content)]),
    async end() {
      const [first, second] = await Promise.all([md5.digest(), sha512.digest()]);
      return { md5: first.toString('hex'), sha512: second.toString('hex') };
    },
  };
}

/** Stores one chunk. Its row is locked from before the file is looked at until the reference is there: no sweep comes between. */
async function putChunk(
  { database, files, blobId, written }: Writing,
  { start, content, sha256 }: Chunk,
): Promise<void> {
  await withBlobTables(database)
    .transaction()
    .execute(async (tx) => {
      const known = await lockChunk(tx, sha256, content.length);
      const name = sha256.toString('hex');
      const whole = known.synced || written.has(name);
      const stored = await files.write(sha256, content, whole ? known.stored_bytes : undefined);
      written.set(name, sha256);
      // The commit that makes the image active brings this one to the disk with it: nobody waits for the disk here.
      const { rows } = await sql`with stored as (
          update image_chunks set stored_bytes = ${stored} where sha256 = ${sha256} and stored_bytes <> ${stored})
        insert into image_blob_chunks (blob_id, start_bytes, size_bytes, sha256)
        select id, ${start}, ${content.length}, ${sha256} from image_blobs where id = ${blobId} and state = 'writing'
        returning set_config('synchronous_commit', 'off', true)`.execute(tx);
      if (rows.length !== 1) throw new BlobGone(`blob ${blobId} was removed while it was written`);
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
    const made = await tx
      .insertInto('image_chunks')
      .values({ sha256, size_bytes: sizeBytes, stored_bytes: 0 })
      .onConflict((conflict) => conflict.doNothing())
      .returning(['stored_bytes', 'synced'])
      .executeTakeFirst();
    if (made) return made;
    const row = await tx
      .selectFrom('image_chunks')
      .select(['stored_bytes', 'synced'])
      .where('sha256', '=', sha256)
      .forKeyShare()
      .executeTakeFirst();
    if (row) return row;
  }
}
