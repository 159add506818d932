// The digest that an image must have.
import { AgentError } from '../../errors.ts';
import type { ImageInfo } from '../../protocol.ts';

export interface ExpectedDigest {
  readonly algorithm: 'md5' | 'sha1' | 'sha256' | 'sha512';
  /** Lower-case hexadecimal. */
  readonly value: string;
}

const algorithmByLength: Readonly<Record<number, ExpectedDigest['algorithm']>> = {
  32: 'md5',
  64: 'sha256',
  128: 'sha512',
};
const known = ['md5', 'sha1', 'sha256', 'sha512'] as const;

/** os_hash_value where there is one, else checksum. Throws AgentError `invalidParams`: an image without a digest is never written. */
export function expectedDigest(image: ImageInfo): ExpectedDigest {
  const strong = image.os_hash_value?.toLowerCase();
  if (strong) {
    const algorithm = known.find((name) => name === (image.os_hash_algo ?? 'sha512'));
    if (!algorithm) throw new AgentError('invalidParams', `os_hash_algo ${image.os_hash_algo} is not known here`);
    return { algorithm, value: strong };
  }
  const checksum = image.checksum?.toLowerCase();
  const algorithm = checksum === undefined ? undefined : algorithmByLength[checksum.length];
  if (!checksum || !algorithm) {
    throw new AgentError('invalidParams', `image ${image.id} has neither os_hash_value nor a checksum`);
  }
  return { algorithm, value: checksum };
}
