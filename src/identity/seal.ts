// Seals secrets at rest with the master key: AES-256-GCM, a fresh nonce each.
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

export interface Seal {
  seal(plain: string): Buffer;
  /** Throws when the bytes were sealed with another key or were changed. */
  open(sealed: Buffer): string;
}

const nonceBytes = 12;
const tagBytes = 16;

/** `secret` is the 32-byte master key; RangeError for another length. */
export function createSeal(secret: Buffer): Seal {
  if (secret.length !== 32) throw new RangeError(`the master key has ${secret.length} bytes, 32 are needed`);
  return {
    seal(plain) {
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv('aes-256-gcm', secret, nonce);
      const body = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
      return Buffer.concat([nonce, cipher.getAuthTag(), body]);
    },
    open(sealed) {
      const decipher = createDecipheriv('aes-256-gcm', secret, sealed.subarray(0, nonceBytes));
      decipher.setAuthTag(sealed.subarray(nonceBytes, nonceBytes + tagBytes));
      return decipher.update(sealed.subarray(nonceBytes + tagBytes), undefined, 'utf8') + decipher.final('utf8');
    },
  };
}
