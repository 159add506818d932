// What identity's routes are made with, wired once in identity.ts.
import type { Database } from '../database/index.ts';
import type { Catalog } from './catalog/catalog.ts';
import type { PasswordHasher } from './password/hash.ts';
import type { PasswordRules } from './password/rules.ts';
import type { Seal } from './seal.ts';
import type { Tokens } from './token/tokens.ts';

export interface Parts {
  readonly database: Database;
  readonly seal: Seal;
  readonly hasher: PasswordHasher;
  readonly passwordRules: PasswordRules;
  readonly clock: () => Date;
  readonly tokens: Tokens;
  readonly catalog: Catalog;
  readonly tokenLifetimeMs: number;
}
