// MAC addresses: notation and generation.
import { randomBytes } from 'node:crypto';

/** Lower case with colons. */
export function normalMac(text: string): string {
  return text.toLowerCase().replaceAll('-', ':');
}

/** A random address under the prefix that OpenStack uses for machines it names itself, fa:16:3e. */
export function randomMac(): string {
  return `fa:16:3e:${randomBytes(3)
    .toString('hex')
    .replace(/(..)(?!$)/g, '$1:')}`;
}
