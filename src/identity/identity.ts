// Puts identity together: keys, tokens, catalogue, routes.
import type { Database } from '../database/index.ts';
import { type Api, type Authenticate, type Caller, identityFault } from '../openstack/index.ts';
import { issue } from './auth/login.ts';
import { createAuthenticate } from './authenticate.ts';
import { bindSecrets } from './bind-secrets.ts';
import { type BootstrapOptions, bootstrap } from './bootstrap.ts';
import { createCatalog } from './catalog/catalog.ts';
import { createGenerationReader, createMemory, type Generation } from './generation.ts';
import type { Parts } from './parts.ts';
import { createPasswordHasher, type ScryptCost } from './password/hash.ts';
import { defaultPasswordRules, type PasswordRules } from './password/rules.ts';
import { policy, scopeTypes } from './policy.data.ts';
import { identityRoutes } from './routes.ts';
import { createSeal } from './seal.ts';
import { newAuditId } from './token/claims.ts';
import { createKeyRing } from './token/keys.ts';
import { createReceipts } from './token/receipts.ts';
import { createTokens } from './token/tokens.ts';

export interface IdentityOptions {
  readonly database: Database;
  /** The 32-byte master key that seals keys and credentials at rest. */
  readonly secret: Buffer;
  readonly clock?: () => Date;
  /** How long a token lives; default four hours, for a deployment outlasts one. */
  readonly tokenLifetimeSeconds?: number;
  readonly passwordRules?: Partial<PasswordRules>;
  readonly scryptCost?: ScryptCost;
}

export interface Identity {
  readonly api: Api;
  /** X-Auth-Token to caller; undefined when the token is missing, forged, expired or revoked. */
  readonly authenticate: Authenticate;
  /** Binds what earlier versions sealed to its row; to be called before anything is served. */
  bindSecrets(): Promise<void>;
  bootstrap(options: BootstrapOptions): Promise<void>;
  /**
   * A token for a user that exists, scoped to the project when one is named: for the program's own calls on a user's
   * behalf. `lifetimeSeconds` may shorten its life. Throws Unauthorized when the user has no role there.
   */
  issueToken(user: Pick<Caller, 'userId' | 'projectId' | 'systemScope'>, lifetimeSeconds?: number): Promise<string>;
  /** Makes a new signing key; tokens signed before stay valid. */
  rotateKeys(): Promise<void>;
}

export function createIdentity(options: IdentityOptions): Identity {
  const { database, secret } = options;
  const clock = options.clock ?? (() => new Date());
  const tokenLifetimeMs = (options.tokenLifetimeSeconds ?? 14_400) * 1000;
  const seal = createSeal(secret);
  const hasher = createPasswordHasher(options.scryptCost, () => clock().getTime());
  const generation = createGenerationReader(database);
  const keys = createKeyRing(database, seal, clock, tokenLifetimeMs, generation);
  const tokens = createTokens(database, keys, clock, generation);
  const seenAt = new WeakMap<Caller, Generation>();
  const parts: Parts = {
    database,
    seal,
    hasher,
    passwordRules: { ...defaultPasswordRules, ...options.passwordRules },
    clock,
    tokens,
    receipts: createReceipts(keys, clock),
    catalog: createCatalog(database, generation),
    tokenLifetimeMs,
    generation,
    seenAt: (caller) => seenAt.get(caller),
    contexts: createMemory(),
    ids: createMemory(),
  };
  return {
    api: {
      service: 'identity',
      path: '/identity',
      routes: identityRoutes(parts),
      policy,
      scopeTypes,
      renderFault: identityFault,
    },
    authenticate: createAuthenticate(tokens, generation, seenAt),
    bindSecrets: () => bindSecrets(database, seal, secret),
    bootstrap: (wanted) => bootstrap(database, hasher, clock(), wanted),
    async issueToken({ userId, projectId, systemScope }, lifetimeSeconds) {
      const issuedAt = clock();
      const lifetimeMs = Math.min(tokenLifetimeMs, (lifetimeSeconds ?? Number.POSITIVE_INFINITY) * 1000);
      const { token } = await issue(
        parts,
        {
          userId,
          methods: ['token'],
          auditIds: [newAuditId()],
          issuedAt,
          expiresAt: new Date(issuedAt.getTime() + lifetimeMs),
          scope: systemScope
            ? { kind: 'system' }
            : projectId === undefined
              ? { kind: 'unscoped' }
              : { kind: 'project', id: projectId },
        },
        await generation(),
      );
      return token;
    },
    rotateKeys: () => keys.rotate(),
  };
}
