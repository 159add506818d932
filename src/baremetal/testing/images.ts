// An image service that holds what a test puts into it.
import { Readable } from 'node:stream';
import type { BaremetalOptions } from '../index.ts';
import type { ImageFacts } from '../parts.ts';

export interface TestImage extends Partial<ImageFacts> {
  readonly id: string;
  readonly data: Buffer;
}

/** What a machine boots its ramdisk from. */
export const ramdiskImages: readonly TestImage[] = [
  { id: '11111111-1111-4111-8111-111111111111', name: 'deploy-kernel', data: Buffer.from('KERNEL') },
  { id: '22222222-2222-4222-8222-222222222222', name: 'deploy-ramdisk', data: Buffer.from('RAMDISK') },
];

/** Found by id and by name. */
export function imagesOf(all: readonly TestImage[]): BaremetalOptions['images'] {
  const images = new Map(
    all.flatMap((image) => [
      [image.id, image],
      [image.name ?? image.id, image],
    ]),
  );
  return {
    async find(name) {
      const image = images.get(name);
      if (!image) return undefined;
      const now = new Date();
      const { data, ...facts } = image;
      return {
        name: null,
        owner: null,
        status: 'active',
        visibility: 'public',
        diskFormat: 'raw',
        containerFormat: 'bare',
        minDiskGb: 0,
        minRamMb: 0,
        protected: false,
        hidden: false,
        sizeBytes: data.length,
        virtualSizeBytes: null,
        checksum: null,
        osHashAlgo: null,
        osHashValue: null,
        tags: [],
        properties: {},
        createdAt: now,
        updatedAt: now,
        ...facts,
      };
    },
    openData: async (id) => Readable.from([images.get(id)?.data ?? Buffer.alloc(0)]),
  };
}
