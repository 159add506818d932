// Pours an image through its decompressor onto the disk while it travels.
import type { BlockDevice } from './block-device.ts';
import { compressionOf, type DecoderOptions, startDecoder } from './decoder.ts';
import type { ImageSource } from './image-source.ts';

/** How many bytes travelled. When it throws, nothing writes to the disk any more. */
export async function pourStream(
  source: ImageSource,
  device: BlockDevice,
  where: Pick<DecoderOptions, 'sparse' | 'limitBytes' | 'within'>,
): Promise<number> {
  const decoder = startDecoder({ compression: compressionOf(source.head), file: device.file.fd, ...where });
  try {
    const bytes = await source.pour((chunk) => decoder.write(chunk));
    await decoder.finish();
    return bytes;
  } catch (thrown) {
    await decoder.abort();
    throw thrown;
  }
}
