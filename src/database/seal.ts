// Seals secrets at rest: AES-256-GCM with a random nonce, the owner's id as associated data.
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

const nonceBytes = 12;
const tagBytes = 16;

export interface Sealer {
  /** `owner` binds the sealed bytes to one row: moved to another they do not open. */
  seal(value: unknown, owner: string): Buffer;
  /** Throws when the bytes were changed, moved or sealed with another key. */
  open(sealed: Buffer, owner: string): unknown;
}

/** `secret`: 32 bytes. */
export function createSealer(secret: Uint8Array): Sealer {
  return {
    seal(value, owner) {
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv('aes-256-gcm', secret, nonce).setAAD(Buffer.from(owner));
      const text = Buffer.concat([cipher.update(JSON.stringify(value), 'utf8'), cipher.final()]);
      return Buffer.concat([nonce, cipher.getAuthTag(), text]);
    },
    open(sealed, owner) {
      const nonce = sealed.subarray(0, nonceBytes);
      const tag = sealed.subarray(nonceBytes, nonceBytes + tagBytes);
      const cipher = createDecipheriv('aes-256-gcm', secret, nonce).setAAD(Buffer.from(owner)).setAuthTag(tag);
      const text = Buffer.concat([cipher.update(sealed.subarray(nonceBytes + tagBytes)), cipher.final()]);
      return JSON.parse(text.toString('utf8'));
    },
  };
}
