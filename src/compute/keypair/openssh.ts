// Writes an Ed25519 key pair in OpenSSH's formats.
import { type KeyObject, randomBytes } from 'node:crypto';

export interface OpenSshPair {
  /** `ssh-ed25519 BASE64 COMMENT` */
  readonly publicKey: string;
  /** PEM of PROTOCOL.key, unencrypted. */
  readonly privateKey: string;
}

const type = 'ssh-ed25519';

/** OpenSSH PROTOCOL.key: magic, no cipher, one public key, then the private part with its two equal check numbers. */
export function openSshPair(pair: { publicKey: KeyObject; privateKey: KeyObject }, comment: string): OpenSshPair {
  const publicBytes = jwkBytes(pair.publicKey, 'x');
  const seed = jwkBytes(pair.privateKey, 'd');
  const blob = Buffer.concat([field(type), field(publicBytes)]);
  const check = randomBytes(4);
  const secret = Buffer.concat([check, check, blob, field(Buffer.concat([seed, publicBytes])), field(comment)]);
  const padding = Buffer.from(Array.from({ length: (8 - (secret.length % 8)) % 8 }, (_, index) => index + 1));
  const file = Buffer.concat([
    Buffer.from('openssh-key-v1\0'),
    field('none'),
    field('none'),
    field(''),
    number(1),
    field(blob),
    field(Buffer.concat([secret, padding])),
  ]);
  const lines = file.toString('base64').match(/.{1,70}/g) ?? [];
  return {
    publicKey: `${type} ${blob.toString('base64')} ${comment}`,
    privateKey: `-----BEGIN OPENSSH PRIVATE KEY-----\n${lines.join('\n')}\n-----END OPENSSH PRIVATE KEY-----\n`,
  };
}

function jwkBytes(key: KeyObject, part: 'x' | 'd'): Buffer {
  const value = key.export({ format: 'jwk' })[part];
  if (typeof value !== 'string') throw new TypeError(`not an Ed25519 key: it has no ${part}`);
  return Buffer.from(value, 'base64url');
}

function number(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function field(value: string | Buffer): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([number(bytes.length), bytes]);
}
