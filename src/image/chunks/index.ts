// The content-addressed store of image bytes.
export { BlobGone, type Written } from './blob-writer.ts';
export { type Blobs, createBlobs, type DamagedChunk, type Verified } from './blobs.ts';
export { createChunkFiles } from './chunk-files.ts';
export { ChunkDamaged } from './chunk-format.ts';
export type { SweepOptions, Swept } from './sweep.ts';
