// Frees what nothing refers to: dead writings, chunks without a reference, files without a row.
import { sql } from 'kysely';
import type { Database } from '../../database/index.ts';
import type { ChunkFiles } from './chunk-files.ts';
import { inBlobTables, withBlobTables } from './tables.ts';

export interface Swept {
  /** Writings whose writer was gone. */
  readonly blobs: number;
  readonly chunks: number;
  readonly storedBytes: number;
}

export interface SweepOptions {
  /** A writer that was not seen for this long is dead. */
  readonly leaseMs?: number;
  /** Told how many chunks were freed so far. */
  readonly onFreed?: (chunks: number) => void;
}

const page = 500;

/**
 * Removes writings not seen for `leaseMs`, then every chunk that nothing refers to. Safe beside running uploads: a chunk's
 * row is locked while its file goes.
 */
export async function sweepBlobs(
  database: Database,
  files: ChunkFiles,
  { leaseMs = 60_000, onFreed = () => {} }: SweepOptions = {},
): Promise<Swept> {
  const db = withBlobTables(database);
  const dead = await db
    .deleteFrom('image_blobs')
    .where('state', '=', 'writing')
    .where('seen_at', '<=', sql<Date>`now() - make_interval(secs => ${leaseMs / 1000})`)
    .executeTakeFirst();
  const freed = await sweepRows(database, files, onFreed);
  const strays = await sweepFiles(database, files, (strays) => onFreed(freed.chunks + strays));
  await files.removeUnfinished(leaseMs);
  return { blobs: Number(dead.numDeletedRows), chunks: freed.chunks + strays, storedBytes: freed.storedBytes };
}

async function sweepRows(
  database: Database,
  files: ChunkFiles,
  onFreed: (chunks: number) => void,
): Promise<{ chunks: number; storedBytes: number }> {
  let chunks = 0;
  let storedBytes = 0;
  let after: Buffer = Buffer.alloc(0);
  for (;;) {
    const rows = await withBlobTables(database)
      .selectFrom('image_chunks as chunk')
      .select('chunk.sha256')
      .where('chunk.sha256', '>', after)
      .where(({ not, exists, selectFrom }) =>
        not(
          exists(
            selectFrom('image_blob_chunks as ref').select('ref.blob_id').whereRef('ref.sha256', '=', 'chunk.sha256'),
          ),
        ),
      )
      .orderBy('chunk.sha256')
      .limit(page)
      .execute();
    for (const { sha256 } of rows) {
      const bytes = await freeChunk(database, files, sha256);
      if (bytes === undefined) continue;
      onFreed(++chunks);
      storedBytes += bytes;
    }
    const last = rows.at(-1);
    if (!last || rows.length < page) return { chunks, storedBytes };
    after = last.sha256;
  }
}

/** Removes a chunk under its lock, unless somebody refers to it by now or is about to. */
function freeChunk(database: Database, files: ChunkFiles, sha256: Buffer): Promise<number | undefined> {
  return database.transaction().execute(async (plain) => {
    const tx = inBlobTables(plain);
    const row = await tx
      .selectFrom('image_chunks')
      .select('stored_bytes')
      .where('sha256', '=', sha256)
      .forUpdate()
      .skipLocked()
      .executeTakeFirst();
    if (!row) return undefined;
    // A statement of its own: it sees the references committed before the lock was got.
    const used = await tx
      .selectFrom('image_blob_chunks')
      .select('blob_id')
      .where('sha256', '=', sha256)
      .executeTakeFirst();
    if (used) return undefined;
    await tx.deleteFrom('image_chunks').where('sha256', '=', sha256).execute();
    await files.remove(sha256);
    return row.stored_bytes;
  });
}

/** Removes files that have no row: their writer was killed before it committed. */
async function sweepFiles(database: Database, files: ChunkFiles, onFreed: (strays: number) => void): Promise<number> {
  let removed = 0;
  let batch: Buffer[] = [];
  const settle = async () => {
    if (batch.length === 0) return;
    const known = await withBlobTables(database)
      .selectFrom('image_chunks')
      .select('sha256')
      .where('sha256', 'in', batch)
      .execute();
    const names = new Set(known.map(({ sha256 }) => sha256.toString('hex')));
    for (const sha256 of batch) {
      if (!names.has(sha256.toString('hex')) && (await freeStray(database, files, sha256))) onFreed(++removed);
    }
    batch = [];
  };
  for await (const sha256 of files.list()) {
    batch.push(sha256);
    if (batch.length === page) await settle();
  }
  await settle();
  return removed;
}

/** Takes the chunk's row for itself while the file goes; a writer of the same chunk waits and then writes it anew. */
function freeStray(database: Database, files: ChunkFiles, sha256: Buffer): Promise<boolean> {
  return database.transaction().execute(async (plain) => {
    const tx = inBlobTables(plain);
    const mine = await tx
      .insertInto('image_chunks')
      .values({ sha256, size_bytes: 0, stored_bytes: 0 })
      .onConflict((conflict) => conflict.doNothing())
      .returning('sha256')
      .executeTakeFirst();
    if (!mine) return false;
    await files.remove(sha256);
    await tx.deleteFrom('image_chunks').where('sha256', '=', sha256).execute();
    return true;
  });
}
