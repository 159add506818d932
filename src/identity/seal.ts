// Seals secrets at rest with the master key, each for its own row: AES-256-GCM, a fresh nonce each.
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

export interface Seal {
  /** `row` names the place, such as `identity_keys:ID`; the bytes open there and nowhere else. */
  seal(plain: string, row: string): Buffer;
  /** Throws when the bytes were sealed with another key or for another row, or were changed. */
  open(sealed: Buffer, row: string): string;
}

/** Begins what is bound to its row; versions before wrote nonce, tag and text alone. */
export const boundMark = Buffer.from('UC1\0', 'latin1');
const nonceBytes = 12;
const tagBytes = 16;

/** `secret` is the 32-byte master key; RangeError for another length. */
export function createSeal(secret: Buffer): Seal {
  refuseLength(secret);
  return {
    seal(plain, row) {
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv('aes-256-gcm', secret, nonce).setAAD(Buffer.from(row));
      const body = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
      return Buffer.concat([boundMark, nonce, cipher.getAuthTag(), body]);
    },
    open(sealed, row) {
      if (!sealed.subarray(0, boundMark.length).equals(boundMark)) throw new Error(`the secret of ${row} is not bound`);
      return decipher(secret, sealed.subarray(boundMark.length), Buffer.from(row));
    },
  };
}

/** Opens what a version before row binding sealed. */
export function openUnbound(secret: Buffer, sealed: Buffer): string {
  refuseLength(secret);
  return decipher(secret, sealed, Buffer.alloc(0));
}

function decipher(secret: Buffer, sealed: Buffer, row: Buffer): string {
  const opened = createDecipheriv('aes-256-gcm', secret, sealed.subarray(0, nonceBytes)).setAAD(row);
  opened.setAuthTag(sealed.subarray(nonceBytes, nonceBytes + tagBytes));
  return opened.update(sealed.subarray(nonceBytes + tagBytes), undefined, 'utf8') + opened.final('utf8');
}

function refuseLength(secret: Buffer): void {
  if (secret.length !== 32) throw new RangeError(`the master key has ${secret.length} bytes, 32 are needed`);
}
