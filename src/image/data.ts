// The bytes of images: taken in, checked, given out by range.
import type { Readable } from 'node:stream';
import { BlobGone, type Blobs, type Written } from './chunks/index.ts';
import { errors } from './errors.ts';
import { type Detected, detectFormat, mismatch } from './formats.ts';
import type { Image, ImageStatus } from './image.ts';
import { type DataFacts, type ImageStore, noData } from './store.ts';

export interface ImageData {
  /** Takes the bytes in and makes the image active. Throws StatusConflict, FormatsMissing, FormatRefused, UploadCutOff, ImageGone. */
  upload(image: Image, source: AsyncIterable<Buffer>, expectedBytes?: number): Promise<void>;
  /** Takes the bytes in and holds them for an import. */
  stage(image: Image, source: AsyncIterable<Buffer>): Promise<void>;
  /** Takes the bytes of an import in and makes the image active; run again after a crash it begins anew. */
  download(image: Image, source: AsyncIterable<Buffer>): Promise<void>;
  /** Makes the staged bytes the image's. */
  importStaged(image: Image): Promise<void>;
  /** Bytes `start` to `end`, exclusive. */
  open(image: Image, range?: { start?: number; end?: number }): Readable;
}

export function createImageData({ store, blobs }: { store: ImageStore; blobs: Blobs }): ImageData {
  /** Writes the source as a blob while the image stands in `during`; a failure puts the image back to `queued`. */
  async function take(
    image: Image,
    source: AsyncIterable<Buffer>,
    move: { readonly from: readonly ImageStatus[]; readonly during: ImageStatus },
    end: (blobId: string, written: Written, found: Detected) => Promise<void>,
  ): Promise<void> {
    const { from, during } = move;
    const { diskFormat, containerFormat } = image;
    if (diskFormat === null || containerFormat === null) throw errors.FormatsMissing();
    const blobId = await store.transaction(async (tx) => {
      if (!(await store.setStatus(tx, image.id, from, during))) throw errors.StatusConflict(image.status, during);
      return blobs.begin(tx, image.id);
    });
    let found: Detected = { format: 'unrecognised' };
    try {
      const written = await blobs.write(blobId, source, (head) => {
        found = detectFormat(head);
        const why = mismatch(found, diskFormat, containerFormat);
        if (why !== undefined) throw errors.FormatRefused(why);
      });
      await end(blobId, written, found);
    } catch (error) {
      await blobs.discard(blobId);
      await store.transaction((tx) => store.setStatus(tx, image.id, [during], 'queued', noData));
      if (error instanceof BlobGone) throw errors.ImageGone(image.id);
      if (error instanceof Error && 'code' in error && error.code === 'ECONNRESET') throw errors.UploadCutOff();
      throw error;
    }
  }

  /** Makes the bytes the image's: from here on it is active, with all that is known of it. */
  function activate(
    image: Image,
    during: ImageStatus,
    blobId: string,
    written: Written,
    found: Detected,
  ): Promise<void> {
    return store.transaction(async (tx) => {
      const there =
        (await store.setStatus(tx, image.id, [during], 'active', factsOf(image, written, found))) &&
        (await blobs.finish(tx, blobId, 'current', written.sizeBytes));
      if (!there) throw errors.ImageGone(image.id);
    });
  }

  return {
    upload: (image, source, expectedBytes) =>
      take(image, source, { from: ['queued'], during: 'saving' }, async (blobId, written, found) => {
        if (expectedBytes !== undefined && expectedBytes !== written.sizeBytes)
          throw errors.SizeMismatch(expectedBytes, written.sizeBytes);
        await activate(image, 'saving', blobId, written, found);
      }),
    download: (image, source) =>
      take(image, source, { from: ['queued', 'importing'], during: 'importing' }, (blobId, written, found) =>
        activate(image, 'importing', blobId, written, found),
      ),
    stage: (image, source) =>
      take(image, source, { from: ['queued'], during: 'uploading' }, (blobId, written, found) =>
        store.transaction(async (tx) => {
          const there =
            (await store.setStatus(tx, image.id, ['uploading'], 'uploading', factsOf(image, written, found))) &&
            (await blobs.finish(tx, blobId, 'staged', written.sizeBytes));
          if (!there) throw errors.ImageGone(image.id);
        }),
      ),
    importStaged: (image) =>
      store.transaction(async (tx) => {
        const there =
          (await store.setStatus(tx, image.id, ['uploading'], 'active')) && (await blobs.promote(tx, image.id));
        if (!there) throw errors.StatusConflict(image.status, 'importing');
      }),
    open: (image, { start = 0, end = image.sizeBytes ?? 0 } = {}) => blobs.open(image.id, { start, end }),
  };
}

function factsOf(image: Image, written: Written, found: Detected): DataFacts {
  const raw = image.containerFormat === 'bare' && image.diskFormat === 'raw' ? written.sizeBytes : null;
  return {
    sizeBytes: written.sizeBytes,
    virtualSizeBytes: found.virtualSizeBytes ?? raw,
    checksum: written.md5,
    osHashAlgo: 'sha512',
    osHashValue: written.sha512,
  };
}

/**
 * The byte range that a `Range` header asks of `size` bytes, end exclusive; undefined for none. One range only, as the
 * Image API has it (RFC 9110, 14.1.2). Throws RangeNotSatisfiable.
 */
export function parseRange(header: string | undefined, size: number): { start: number; end: number } | undefined {
  if (header === undefined) return undefined;
  const match = /^bytes=(\d*)-(\d*)$/.exec(header.trim());
  const [, first = '', last = ''] = match ?? [];
  if (!match || (first === '' && last === '')) throw errors.RangeNotSatisfiable(header, size);
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === '' || last === '' ? size : Math.min(size, Number(last) + 1);
  if (start >= size || start >= end) throw errors.RangeNotSatisfiable(header, size);
  return { start, end };
}
