// Receipts: what a login that lacks a factor gets, so that the next one shows the missing factor only.
import { errors as joseErrors, jwtVerify, SignJWT } from 'jose';
import type { Generation } from '../generation.ts';
import type { KeyRing } from './keys.ts';

export interface Receipt {
  readonly userId: string;
  /** The methods that have succeeded. */
  readonly methods: readonly string[];
  readonly issuedAt: Date;
  readonly expiresAt: Date;
}

export interface Receipts {
  issue(userId: string, methods: readonly string[], at: Generation): Promise<{ id: string; receipt: Receipt }>;
  /** Undefined when it is forged or expired. */
  read(id: string, at: Generation): Promise<Receipt | undefined>;
}

// No token has this type, and no receipt the claims of a token: neither passes for the other.
const type = 'receipt+jwt';
/** Keystone's `[receipt] expiration`. */
const lifetimeMs = 300_000;

export function createReceipts(keys: KeyRing, clock: () => Date): Receipts {
  return {
    async issue(userId, methods, at) {
      const { id: kid, key } = await keys.signing(at);
      const issuedAt = clock();
      const expiresAt = new Date(issuedAt.getTime() + lifetimeMs);
      // Times are seconds with milliseconds, as in tokens.
      const times = { iat: issuedAt.getTime() / 1000, exp: expiresAt.getTime() / 1000 };
      const id = await new SignJWT({ sub: userId, ...times, openstack_methods: [...methods] })
        .setProtectedHeader({ alg: 'ES256', typ: type, kid })
        .sign(key);
      return { id, receipt: { userId, methods, issuedAt, expiresAt } };
    },
    async read(id, at) {
      try {
        const { payload } = await jwtVerify(id, ({ kid }) => keys.verifying(kid, at), {
          algorithms: ['ES256'],
          typ: type,
          currentDate: clock(),
          requiredClaims: ['sub', 'iat', 'exp'],
        });
        const { sub = '', iat = 0, exp = 0, openstack_methods: methods } = payload;
        if (!Array.isArray(methods)) return undefined;
        return {
          userId: sub,
          methods: methods.map(String),
          issuedAt: new Date(iat * 1000),
          expiresAt: new Date(exp * 1000),
        };
      } catch (error) {
        if (error instanceof joseErrors.JOSEError) return undefined;
        throw error;
      }
    },
  };
}
