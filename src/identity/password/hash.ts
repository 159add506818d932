// Hashes passwords with scrypt, remembering for a short while which ones were right.
import { createHmac, randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

export interface PasswordHasher {
  /** `$scrypt$ln=14,r=8,p=5$SALT$HASH`, base64 without padding. */
  hash(password: string): Promise<string>;
  verify(password: string, stored: string): Promise<boolean>;
  /** Spends the time of a verification, so that an unknown user answers no faster than a wrong password. */
  waste(): Promise<void>;
}

/** Cost parameters of scrypt (RFC 7914): N = 2^logN, r, p. */
export interface ScryptCost {
  readonly logN: number;
  readonly r: number;
  readonly p: number;
}

// OWASP's Password Storage Cheat Sheet lists these as equal in strength to N=2^17, r=8, p=1, at an eighth of the memory (16 MiB).
const defaultCost: ScryptCost = { logN: 14, r: 8, p: 5 };
const saltBytes = 16;
const hashBytes = 32;
const rememberedMax = 2_000;
const rememberedMs = 5 * 60_000;

const derive = promisify<string, Buffer, number, { N: number; r: number; p: number; maxmem: number }, Buffer>(scrypt);

/**
 * A hasher. A password that was right is remembered for five minutes as an HMAC under a key that lives in this process only,
 * bound to the stored hash: clients that log in for every command then cost microseconds instead of a fifth of a second.
 */
export function createPasswordHasher(cost: ScryptCost = defaultCost, now: () => number = Date.now): PasswordHasher {
  const key = randomBytes(32);
  const remembered = new Map<string, number>();
  const underWay = new Map<string, Promise<boolean>>();
  const decoy = `$scrypt$ln=${cost.logN},r=${cost.r},p=${cost.p}$${base64(randomBytes(saltBytes))}$${base64(randomBytes(hashBytes))}`;

  async function compare(password: string, stored: string): Promise<boolean> {
    const parsed = parse(stored);
    if (!parsed) return false;
    const actual = await stretch(password, parsed.salt, parsed.cost, parsed.hash.length);
    return timingSafeEqual(actual, parsed.hash);
  }
  function remember(mark: string): void {
    for (const [oldest] of remembered) {
      if (remembered.size < rememberedMax) break;
      remembered.delete(oldest);
    }
    remembered.set(mark, now() + rememberedMs);
  }
  return {
    async hash(password) {
      const salt = randomBytes(saltBytes);
      const hash = await stretch(password, salt, cost, hashBytes);
      return `$scrypt$ln=${cost.logN},r=${cost.r},p=${cost.p}$${base64(salt)}$${base64(hash)}`;
    },
    async verify(password, stored) {
      const mark = createHmac('sha256', key).update(stored).update('\0').update(password).digest('base64');
      const until = remembered.get(mark);
      if (until !== undefined && until > now()) return true;
      remembered.delete(mark);
      // Clients that come at once with one password, as a fleet of agents does, wait for one hash.
      const running = underWay.get(mark) ?? compare(password, stored).finally(() => underWay.delete(mark));
      underWay.set(mark, running);
      const right = await running;
      if (right) remember(mark);
      return right;
    },
    async waste() {
      await compare('', decoy);
    },
  };
}

function stretch(password: string, salt: Buffer, { logN, r, p }: ScryptCost, length: number): Promise<Buffer> {
  const N = 2 ** logN;
  return derive(password.normalize('NFC'), salt, length, { N, r, p, maxmem: 128 * N * r + 128 * r * p + 1024 * 1024 });
}

function parse(stored: string): { cost: ScryptCost; salt: Buffer; hash: Buffer } | undefined {
  const match = /^\$scrypt\$ln=(\d+),r=(\d+),p=(\d+)\$([^$]+)\$([^$]+)$/.exec(stored);
  if (!match) return undefined;
  const [, logN, r, p, salt = '', hash = ''] = match;
  return {
    cost: { logN: Number(logN), r: Number(r), p: Number(p) },
    salt: Buffer.from(salt, 'base64'),
    hash: Buffer.from(hash, 'base64'),
  };
}

function base64(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}
