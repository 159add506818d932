// The tables of blobs and chunks.
import type { Generated } from 'kysely';
import type { Database, Transaction } from '../../database/index.ts';

export type BlobTables = {
  image_blobs: {
    id: string;
    image_id: string;
    state: 'writing' | 'staged' | 'current';
    size_bytes: number;
    seen_at: Date;
  };
  image_chunks: { sha256: Buffer; size_bytes: number; stored_bytes: number; synced: Generated<boolean> };
  image_blob_chunks: { blob_id: string; start_bytes: number; size_bytes: number; sha256: Buffer };
};

export const withBlobTables = (database: Database) => database.withTables<BlobTables>();
export const inBlobTables = (tx: Transaction) => tx.withTables<BlobTables>();
