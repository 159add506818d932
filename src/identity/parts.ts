// What identity's routes are made with, wired once in identity.ts.
import type { Database } from '../database/index.ts';
import type { Caller } from '../openstack/index.ts';
import type { Catalog } from './catalog/catalog.ts';
import type { Generation, Memory } from './generation.ts';
import type { PasswordHasher } from './password/hash.ts';
import type { PasswordRules } from './password/rules.ts';
import type { Seal } from './seal.ts';
import type { TokenContext } from './token/context.ts';
import type { Receipts } from './token/receipts.ts';
import type { Tokens } from './token/tokens.ts';

export interface Parts {
  readonly database: Database;
  readonly seal: Seal;
  readonly hasher: PasswordHasher;
  readonly passwordRules: PasswordRules;
  readonly clock: () => Date;
  readonly tokens: Tokens;
  readonly receipts: Receipts;
  readonly catalog: Catalog;
  readonly tokenLifetimeMs: number;
  /** The generation now. */
  readonly generation: () => Promise<Generation>;
  /** The generation at which the caller's token was checked; undefined for callers without one. */
  readonly seenAt: (caller: Caller) => Generation | undefined;
  readonly contexts: Memory<TokenContext | undefined>;
  /** Ids of projects and domains by name. */
  readonly ids: Memory<string | undefined>;
}
