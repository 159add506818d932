// The authentication methods: each turns what the client shows into a proof of who it is.
import { sql } from 'kysely';
import { credentialRow } from '../credential/credentials.ts';
import { errors } from '../errors.ts';
import type { Generation } from '../generation.ts';
import type { Parts } from '../parts.ts';
import { all, first, userById } from '../store.ts';
import { findUser } from './find-user.ts';
import { checkPassword } from './password-login.ts';
import type { Proof } from './proof.ts';
import type { AuthRequest } from './schema.ts';
import { matchingStep } from './totp.ts';

type Shown = AuthRequest['auth']['identity'];
type Method = (parts: Parts, shown: Shown, at: Generation) => Promise<Proof>;

const methods: Readonly<Record<string, Method>> = {
  async password(parts, { password }) {
    if (!password) throw errors.Invalid('identity.password is missing.');
    const user = await findUser(parts.database, password.user);
    await checkPassword(parts, user, password.user.password);
    if (!user) throw errors.Unauthorized();
    return { user, methods: ['password'] };
  },

  async token(parts, { token }, at) {
    if (!token) throw errors.Invalid('identity.token is missing.');
    const from = await parts.tokens.inspect(token.id, { at });
    if (!from) throw errors.Unauthorized();
    const { scope, applicationCredentialId } = from.claims;
    return {
      user: from.user,
      methods: [...new Set(['token', ...from.claims.methods])],
      from,
      // What an application credential may do stays its limit in every token made from its tokens.
      ...(applicationCredentialId === undefined ? {} : { claims: { scope, applicationCredentialId } }),
    };
  },

  async totp(parts, { totp }) {
    if (!totp) throw errors.Invalid('identity.totp is missing.');
    const user = await findUser(parts.database, totp.user);
    if (!user || !(await acceptPasscode(parts, user.id, totp.user.passcode))) throw errors.Unauthorized();
    return { user, methods: ['totp'] };
  },

  async application_credential(parts, { application_credential: shown }) {
    if (!shown) throw errors.Invalid('identity.application_credential is missing.');
    const row = await findApplicationCredential(parts, shown);
    if (!row) {
      await parts.hasher.waste();
      throw errors.Unauthorized();
    }
    const now = parts.clock();
    if (!(await parts.hasher.verify(shown.secret, row.secret_hash))) throw errors.Unauthorized();
    if (row.expires_at && row.expires_at <= now) throw errors.Unauthorized();
    const user = await userById(parts.database, row.user_id);
    if (!user) throw errors.Unauthorized();
    return {
      user,
      methods: ['application_credential'],
      claims: {
        scope: { kind: 'project', id: row.project_id },
        applicationCredentialId: row.id,
        ...(row.expires_at ? { expiresAt: row.expires_at } : {}),
      },
    };
  },
};

/**
 * Runs every method that the client names; all must succeed and prove the same user. Throws Unauthorized for a method
 * that is not offered.
 */
export async function prove(parts: Parts, shown: Shown, at: Generation): Promise<Proof> {
  let proof: Proof | undefined;
  for (const name of new Set(shown.methods)) {
    const method = Object.hasOwn(methods, name) ? methods[name] : undefined;
    if (!method) throw errors.Unauthorized();
    const next = await method(parts, shown, at);
    if (proof && proof.user.id !== next.user.id) throw errors.Unauthorized();
    proof = proof ? { ...proof, ...next, methods: [...new Set([...proof.methods, ...next.methods])] } : next;
  }
  if (!proof) throw errors.Unauthorized();
  return proof;
}

async function acceptPasscode(parts: Parts, userId: string, passcode: string): Promise<boolean> {
  const credentials = await all(
    parts.database,
    sql<{
      id: string;
      blob_sealed: Buffer;
    }>`select id, blob_sealed from identity_credentials where user_id = ${userId} and type = 'totp'`,
  );
  for (const { id, blob_sealed } of credentials) {
    const step = matchingStep(parts.seal.open(blob_sealed, credentialRow(id)), passcode, parts.clock());
    if (step === undefined) continue;
    const used = await all(
      parts.database,
      sql`insert into identity_used_passcodes (credential_id, step) values (${id}, ${step}) on conflict do nothing returning step`,
    );
    if (used.length > 0) return true;
  }
  return false;
}

interface ApplicationCredentialSecret {
  readonly id: string;
  readonly user_id: string;
  readonly project_id: string;
  readonly secret_hash: string;
  readonly expires_at: Date | null;
}

async function findApplicationCredential(
  parts: Parts,
  shown: NonNullable<Shown['application_credential']>,
): Promise<ApplicationCredentialSecret | undefined> {
  if (shown.id !== undefined) {
    return first(
      parts.database,
      sql<ApplicationCredentialSecret>`select * from identity_application_credentials where id = ${shown.id}`,
    );
  }
  if (shown.name === undefined || !shown.user)
    throw errors.Invalid('An application credential is named by id, or by name and user.');
  const user = await findUser(parts.database, shown.user);
  return first(
    parts.database,
    sql<ApplicationCredentialSecret>`select * from identity_application_credentials where name = ${shown.name} and user_id = ${user?.id ?? null}`,
  );
}
