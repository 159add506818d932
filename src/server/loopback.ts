// Which hosts only this machine can reach.
import { isIP } from 'node:net';

/** Takes an address or a name, without brackets or port. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}
