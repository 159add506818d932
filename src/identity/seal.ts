// Identity's sealed secrets: bound to their row, and told apart from those of earlier versions, which were not.
import { createDecipheriv } from 'node:crypto';
import { createSealer } from '../database/index.ts';

export interface Seal {
  /** `row` names the place, such as `identity_keys:ID`; the bytes open there and nowhere else. */
  seal(plain: string, row: string): Buffer;
  /** Throws when the bytes were sealed with another key or for another row, or were changed. */
  open(sealed: Buffer, row: string): string;
}

/** Begins what is bound to its row; earlier versions began with the nonce. */
export const boundMark = Buffer.from('UC1\0', 'latin1');

/** `secret` is the 32-byte master key; RangeError for another length. */
export function createSeal(secret: Buffer): Seal {
  if (secret.length !== 32) throw new RangeError(`the master key has ${secret.length} bytes, 32 are needed`);
  const sealer = createSealer(secret);
  return {
    seal: (plain, row) => Buffer.concat([boundMark, sealer.seal(plain, row)]),
    open(sealed, row) {
      if (!sealed.subarray(0, boundMark.length).equals(boundMark)) throw new Error(`the secret of ${row} is not bound`);
      return String(sealer.open(sealed.subarray(boundMark.length), row));
    },
  };
}

/** Opens what a version before row binding sealed: AES-256-GCM as nonce, tag, text. */
export function openUnbound(secret: Buffer, sealed: Buffer): string {
  const decipher = createDecipheriv('aes-256-gcm', secret, sealed.subarray(0, 12));
  decipher.setAuthTag(sealed.subarray(12, 28));
  return decipher.update(sealed.subarray(28), undefined, 'utf8') + decipher.final('utf8');
}
