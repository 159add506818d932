// Issues ES256 tokens and tells what a token stands for.
import { errors as joseErrors, jwtVerify, SignJWT } from 'jose';
import type { Database } from '../../database/index.ts';
import type { Generation } from '../generation.ts';
import { type Claims, fromPayload, toPayload } from './claims.ts';
import { loadContext, type TokenContext } from './context.ts';
import type { KeyRing } from './keys.ts';

export interface Tokens {
  /** The signed token. */
  sign(claims: Claims, at?: Generation): Promise<string>;
  /** What the token stands for at this moment; undefined when it is forged, expired, revoked or empty of roles. */
  inspect(
    token: string,
    options?: { allowExpired?: boolean; at?: Generation | undefined },
  ): Promise<TokenContext | undefined>;
}

/** Anything else, such as the `admin` that clients without a login send, is no token of ours and worth no look. */
export function isShapedAsToken(text: string): boolean {
  return /^[\w-]+\.[\w-]+\.[\w-]+$/.test(text);
}

const cachedMax = 5_000;
/** Services may finish long work with a token that expired meanwhile (Keystone's allow_expired_window, 48 h). */
const expiredWindowSeconds = 172_800;

export function createTokens(
  database: Database,
  keys: KeyRing,
  clock: () => Date,
  generation: () => Promise<number>,
): Tokens {
  const cache = new Map<string, TokenContext>();
  let cachedAt = -1;

  async function inspectAfresh(
    token: string,
    allowExpired: boolean,
    at: Generation,
  ): Promise<TokenContext | undefined> {
    const claims = await verify(token, keys, clock(), allowExpired, at);
    return claims && loadContext(database, claims, clock());
  }
  return {
    async sign(claims, at) {
      const { id, key } = await keys.signing(at);
      return new SignJWT(toPayload(claims)).setProtectedHeader({ alg: 'ES256', typ: 'JWT', kid: id }).sign(key);
    },
    async inspect(token, { allowExpired = false, at } = {}) {
      const current = at ?? (await generation());
      if (current > cachedAt) {
        cache.clear();
        cachedAt = current;
      }
      const known = cache.get(token);
      if (known && (allowExpired || known.claims.expiresAt > clock())) return known;
      const context = await inspectAfresh(token, allowExpired, current);
      // Kept only when nothing changed while it was read.
      if (context && cachedAt === current) {
        const oldest = cache.keys().next();
        if (cache.size >= cachedMax && !oldest.done) cache.delete(oldest.value);
        cache.set(token, context);
      }
      return context;
    },
  };
}

async function verify(
  token: string,
  keys: KeyRing,
  now: Date,
  allowExpired: boolean,
  at: Generation,
): Promise<Claims | undefined> {
  try {
    const { payload } = await jwtVerify(token, ({ kid }) => keys.verifying(kid, at), {
      algorithms: ['ES256'],
      currentDate: now,
      clockTolerance: allowExpired ? expiredWindowSeconds : 0,
    });
    const claims = fromPayload(payload);
    // jose compares whole seconds; ours end at the millisecond.
    return claims && (allowExpired || claims.expiresAt > now) ? claims : undefined;
  } catch (error) {
    if (error instanceof joseErrors.JOSEError) return undefined;
    throw error;
  }
}
