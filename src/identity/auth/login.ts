// POST /v3/auth/tokens: from what the client shows to a token.
import { errors } from '../errors.ts';
import type { Generation } from '../generation.ts';
import type { Parts } from '../parts.ts';
import { type Claims, newAuditId } from '../token/claims.ts';
import { loadContext, type TokenContext } from '../token/context.ts';
import { prove } from './methods.ts';
import type { Proof } from './proof.ts';
import type { AuthRequest } from './schema.ts';
import { chooseScope, type ScopeClaims } from './scope.ts';

export interface Login {
  readonly token: string;
  readonly context: TokenContext;
}

/** Throws Unauthorized when anything is wrong with user, proof or scope, Denied for a rescoping that is not allowed. */
export async function login(parts: Parts, { auth }: AuthRequest, at: Generation): Promise<Login> {
  const proof = await prove(parts, auth.identity, at);
  const asked = auth.scope;
  refuseRescoping(proof, asked !== undefined);
  if (proof.claims?.applicationCredentialId !== undefined && asked !== undefined) throw errors.Unauthorized();
  const scope: ScopeClaims = proof.claims?.scope
    ? { userId: proof.user.id, scope: proof.claims.scope }
    : await chooseScope(parts, proof.user.id, asked, at);
  return issue(parts, claimsFor(parts, proof, scope), at);
}

/** Signs the claims after checking that they stand for something. Throws Unauthorized otherwise. */
export async function issue(parts: Parts, claims: Claims, at: Generation): Promise<Login> {
  const context = await contextOf(parts, claims, at);
  if (!context) throw errors.Unauthorized();
  return { token: await parts.tokens.sign(claims, at), context };
}

/**
 * What a fresh token of a user for a scope stands for is the same for all of them; delegations are looked up. That the
 * token it was made from is not revoked has been seen at the same generation.
 */
async function contextOf(parts: Parts, claims: Claims, at: Generation): Promise<TokenContext | undefined> {
  const read = () => loadContext(parts.database, claims, parts.clock());
  if (claims.trustId !== undefined || claims.applicationCredentialId !== undefined) return read();
  const { scope } = claims;
  const scopeId = scope.kind === 'project' || scope.kind === 'domain' ? scope.id : '';
  const context = await parts.contexts(at, [claims.userId, scope.kind, scopeId], read);
  if (context && claims.issuedAt < context.user.tokens_valid_from) return undefined;
  return context && { ...context, claims };
}

function claimsFor(parts: Parts, proof: Proof, scope: ScopeClaims): Claims {
  const issuedAt = parts.clock();
  const ends = [
    new Date(issuedAt.getTime() + parts.tokenLifetimeMs),
    proof.from?.claims.expiresAt,
    proof.claims?.expiresAt,
    scope.expiresAt,
  ].filter((end) => end !== undefined);
  const expiresAt = new Date(Math.min(...ends.map((end) => end.getTime())));
  const first = newAuditId();
  const chain = proof.from?.claims.auditIds.at(-1);
  return {
    userId: scope.userId,
    methods: proof.methods,
    auditIds: chain === undefined ? [first] : [first, chain],
    issuedAt,
    expiresAt,
    scope: scope.scope,
    ...(scope.trustId === undefined ? {} : { trustId: scope.trustId }),
    ...(proof.claims?.applicationCredentialId === undefined
      ? {}
      : { applicationCredentialId: proof.claims.applicationCredentialId }),
  };
}

/** A delegated token never turns into one with more rights than the delegation gave. */
function refuseRescoping(proof: Proof, asked: boolean): void {
  const from = proof.from;
  if (!from) return;
  if (from.trust) throw errors.Denied('A token made from a trust cannot be exchanged for another.');
  if (from.applicationCredential && asked)
    throw errors.Denied('A token made from an application credential cannot be rescoped.');
}
