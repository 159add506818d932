// What the APIs' listener shows over TLS, and how clients come to trust it.
import { readFileSync, writeFileSync } from 'node:fs';
import { hostname, networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';
import type { Certified } from '../agent/index.ts';
import type { Authority } from './authority.ts';
import type { Config } from './config.ts';
import { StartError } from './errors.ts';
import { isLoopback } from './loopback.ts';

export interface ListenerTls {
  readonly certified: Certified;
  /** File with the authority that clients have to trust (PEM); undefined: the operator's own certificate is shown. */
  readonly authorityFile: string | undefined;
}

/** Undefined: plain HTTP, which is the rule on loopback. The authority issues the certificate when the operator gives none. Throws StartError for files of the operator's that cannot be used. */
export function listenerTls(
  { tls, listen }: Pick<Config, 'tls' | 'listen'>,
  folder: string,
  authority: Authority,
): ListenerTls | undefined {
  const host = listen.slice(0, listen.lastIndexOf(':')).replace(/^\[|\]$/g, '');
  if (tls.mode === 'off' || (tls.mode === 'auto' && isLoopback(host))) return undefined;
  if (tls.certificate !== undefined || tls.key !== undefined)
    return {
      certified: matching(read('tls.certificate', tls.certificate), read('tls.key', tls.key)),
      authorityFile: undefined,
    };
  const authorityFile = join(folder, 'ca.pem');
  writeFileSync(authorityFile, authority.certificate, { mode: 0o644 });
  return { certified: authority.issue(namesOf(host)), authorityFile };
}

/** The host as configured, and every name and address under which this machine may be called. */
function namesOf(host: string): string[] {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list?.map(({ address }) => address) ?? []);
  return [...new Set(['localhost', hostname(), ...addresses, ...(unspecified.has(host) ? [] : [host])])];
}

const unspecified: ReadonlySet<string> = new Set(['0.0.0.0', '::']);

/** The origin that others can use: a listener on every address is called by the first that leads to this machine. */
export function reachableOrigin(origin: string, encrypted: boolean): string {
  const url = new URL(origin);
  const family = url.hostname === '0.0.0.0' ? 'IPv4' : url.hostname === '[::]' ? 'IPv6' : undefined;
  const outer = Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .find((one) => one.family === family && !one.internal && !one.address.startsWith('fe80:'));
  const host =
    family === undefined
      ? url.hostname
      : family === 'IPv4'
        ? (outer?.address ?? '127.0.0.1')
        : `[${outer?.address ?? '::1'}]`;
  return `${encrypted ? 'https' : 'http'}://${host}${url.port === '' ? '' : `:${url.port}`}`;
}

function read(key: string, file: string | undefined): string {
  if (file === undefined)
    throw new StartError(`${key} is missing: a certificate needs its key, and a key its certificate`);
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new StartError(`${key}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

/** Throws StartError where they are no PEM, or do not belong together. */
function matching(certificate: string, key: string): Certified {
  try {
    createSecureContext({ cert: certificate, key });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new StartError(`tls.certificate and tls.key cannot be used: ${reason}`, { cause });
  }
  return { certificate, key };
}
