// POST /v3/auth/tokens: from what the client shows to a token.
import { errors } from '../errors.ts';
import type { Generation } from '../generation.ts';
import type { Parts } from '../parts.ts';
import type { UserRow } from '../store.ts';
import { type Claims, newAuditId } from '../token/claims.ts';
import { loadContext, type TokenContext } from '../token/context.ts';
import type { Receipt } from '../token/receipts.ts';
import { lackingFactors } from './factors.ts';
import { prove } from './methods.ts';
import type { Proof } from './proof.ts';
import type { AuthRequest } from './schema.ts';
import { chooseScope, type ScopeClaims } from './scope.ts';

export interface Login {
  readonly token: string;
  readonly context: TokenContext;
}

/** All that was shown is right, but the user's rules ask for more. */
export interface Lacking {
  readonly receiptId: string;
  readonly receipt: Receipt;
  readonly user: UserRow;
  readonly required: readonly (readonly string[])[];
}

/**
 * `receiptId` is of an earlier login that lacked a factor. Throws Unauthorized when anything is wrong with user, proof or
 * scope, Denied for a rescoping that is not allowed.
 */
export async function login(
  parts: Parts,
  { auth }: AuthRequest,
  receiptId: string | undefined,
  at: Generation,
): Promise<Login | Lacking> {
  const proof = withReceipt(
    await prove(parts, auth.identity, at),
    receiptId === undefined ? undefined : ((await parts.receipts.read(receiptId, at)) ?? 'invalid'),
  );
  const required = lackingFactors(proof.user, proof.methods);
  if (required) {
    const { id, receipt } = await parts.receipts.issue(proof.user.id, proof.methods, at);
    return { receiptId: id, receipt, user: proof.user, required };
  }
  const asked = auth.scope;
  refuseRescoping(proof, asked !== undefined);
  if (proof.claims?.applicationCredentialId !== undefined && asked !== undefined) throw errors.Unauthorized();
  const scope: ScopeClaims = proof.claims?.scope
    ? { userId: proof.user.id, scope: proof.claims.scope }
    : await chooseScope(parts, proof.user.id, asked, at);
  return issue(parts, claimsFor(parts, proof, scope), at);
}

/** Throws Unauthorized for a receipt of another user, or one from before the user's tokens were ended. */
function withReceipt(proof: Proof, receipt: Receipt | 'invalid' | undefined): Proof {
  if (receipt === undefined) return proof;
  const { user } = proof;
  if (receipt === 'invalid' || receipt.userId !== user.id || receipt.issuedAt < user.tokens_valid_from)
    throw errors.Unauthorized();
  return { ...proof, methods: [...new Set([...proof.methods, ...receipt.methods])] };
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
