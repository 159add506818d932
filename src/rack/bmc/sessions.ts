// Who may use a BMC: basic authentication and the sessions of Redfish's SessionService.
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

export interface Session {
  readonly id: string;
  readonly token: string;
  readonly username: string;
  readonly createdAt: Date;
  lastUsedMs: number;
}

/** Seconds a session lives without use. */
export const sessionTimeoutS = 1800;

/** More than this many at once are not kept: a client that never logs out pushes out its own oldest. */
const mostSessions = 64;

const hash = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Compares in constant time, whatever the lengths. */
export function sameSecret(one: string, other: string): boolean {
  return timingSafeEqual(hash(one), hash(other));
}

export interface Account {
  readonly username: string;
  readonly password: string;
}

export class Sessions {
  readonly #account: Account;
  readonly #now: () => number;
  readonly #byToken = new Map<string, Session>();
  #count = 0;

  constructor(account: Account, now: () => number) {
    this.#account = account;
    this.#now = now;
  }

  /** A new session, or undefined when name or password are wrong. */
  open(username: string, password: string): Session | undefined {
    if (!this.#matches(username, password)) return undefined;
    const oldest = this.#byToken.size >= mostSessions ? this.#byToken.keys().next().value : undefined;
    if (oldest !== undefined) this.#byToken.delete(oldest);
    const session = {
      id: String(++this.#count),
      token: randomBytes(16).toString('hex'),
      username,
      createdAt: new Date(this.#now()),
      lastUsedMs: this.#now(),
    };
    this.#byToken.set(session.token, session);
    return session;
  }

  list(): Session[] {
    return [...this.#byToken.values()].filter((session) => this.#isAlive(session));
  }

  find(id: string): Session | undefined {
    return this.list().find((session) => session.id === id);
  }

  close(session: Session): void {
    this.#byToken.delete(session.token);
  }

  closeAll(): void {
    this.#byToken.clear();
  }

  /** True when the request's headers carry a living session's token or the right name and password. */
  admits(headers: IncomingHttpHeaders): boolean {
    const token = headers['x-auth-token'];
    if (typeof token === 'string') {
      const session = this.#byToken.get(token);
      if (!session || !this.#isAlive(session)) return false;
      session.lastUsedMs = this.#now();
      return true;
    }
    const [scheme, encoded = ''] = (headers.authorization ?? '').split(' ');
    if (scheme?.toLowerCase() !== 'basic') return false;
    const text = Buffer.from(encoded, 'base64').toString('utf8');
    const colon = text.indexOf(':');
    return colon >= 0 && this.#matches(text.slice(0, colon), text.slice(colon + 1));
  }

  #matches(username: string, password: string): boolean {
    const name = sameSecret(username, this.#account.username);
    return sameSecret(password, this.#account.password) && name;
  }

  #isAlive(session: Session): boolean {
    return this.#now() - session.lastUsedMs < sessionTimeoutS * 1000;
  }
}
