// Reads OpenSSH public keys: type, bytes and Nova's fingerprint.
import { createHash } from 'node:crypto';

export type PublicKey =
  | { readonly kind: 'key'; readonly text: string; readonly fingerprint: string }
  | { readonly kind: 'invalid'; readonly reason: string };

const keyTypes =
  /^(ssh-(rsa|dss|ed25519)|ecdsa-sha2-nistp(256|384|521)|sk-(ssh-ed25519|ecdsa-sha2-nistp256)@openssh\.com)$/;

/** A line `TYPE BASE64 [COMMENT]`. The fingerprint is the MD5 of the key's bytes in pairs of hex digits (RFC 4716, 4). */
export function parsePublicKey(given: string): PublicKey {
  const text = given.trim();
  const [type = '', base64 = ''] = text.split(/\s+/);
  if (!keyTypes.test(type)) return { kind: 'invalid', reason: 'it is no OpenSSH public key' };
  if (/[\r\n\0]/.test(text)) return { kind: 'invalid', reason: 'it has more than one line' };
  const bytes = Buffer.from(base64, 'base64');
  const inner = bytes.length > 4 ? bytes.toString('latin1', 4, 4 + bytes.readUInt32BE(0)) : '';
  if (inner !== type) return { kind: 'invalid', reason: `its bytes do not hold a key of type ${type}` };
  const digest = createHash('md5').update(bytes).digest('hex');
  return { kind: 'key', text, fingerprint: digest.match(/../g)?.join(':') ?? digest };
}
