// What a token says: who, how authenticated, for which scope, until when.
import { randomBytes } from 'node:crypto';
import type { JWTPayload } from 'jose';

export type Scope =
  | { readonly kind: 'unscoped' }
  | { readonly kind: 'project'; readonly id: string }
  | { readonly kind: 'domain'; readonly id: string }
  | { readonly kind: 'system' };

export interface Claims {
  readonly userId: string;
  readonly methods: readonly string[];
  /** This token's audit id and, for a token made from another, the id of the first of the chain. */
  readonly auditIds: readonly string[];
  readonly issuedAt: Date;
  readonly expiresAt: Date;
  readonly scope: Scope;
  readonly trustId?: string;
  readonly applicationCredentialId?: string;
}

export function newAuditId(): string {
  return randomBytes(16).toString('base64url');
}

/** The claims as a JWT payload; names as in Keystone's JWS tokens. Times are seconds with milliseconds. */
export function toPayload(claims: Claims): JWTPayload {
  return {
    sub: claims.userId,
    iat: claims.issuedAt.getTime() / 1000,
    exp: claims.expiresAt.getTime() / 1000,
    openstack_methods: [...claims.methods],
    openstack_audit_ids: [...claims.auditIds],
    ...(claims.scope.kind === 'project' ? { openstack_project_id: claims.scope.id } : {}),
    ...(claims.scope.kind === 'domain' ? { openstack_domain_id: claims.scope.id } : {}),
    ...(claims.scope.kind === 'system' ? { openstack_system: 'all' } : {}),
    ...(claims.trustId === undefined ? {} : { openstack_trust_id: claims.trustId }),
    ...(claims.applicationCredentialId === undefined ? {} : { openstack_app_cred_id: claims.applicationCredentialId }),
  };
}

/** The claims of a verified payload; undefined when it is not one of ours. */
export function fromPayload(payload: JWTPayload): Claims | undefined {
  const methods = strings(payload.openstack_methods);
  const auditIds = strings(payload.openstack_audit_ids);
  const { sub, iat, exp } = payload;
  if (sub === undefined || iat === undefined || exp === undefined || !methods || !auditIds) return undefined;
  const trustId = payload.openstack_trust_id;
  const credentialId = payload.openstack_app_cred_id;
  return {
    userId: sub,
    methods,
    auditIds,
    issuedAt: new Date(iat * 1000),
    expiresAt: new Date(exp * 1000),
    scope: scopeOf(payload),
    ...(typeof trustId === 'string' ? { trustId } : {}),
    ...(typeof credentialId === 'string' ? { applicationCredentialId: credentialId } : {}),
  };
}

function scopeOf(payload: JWTPayload): Scope {
  if (typeof payload.openstack_project_id === 'string') return { kind: 'project', id: payload.openstack_project_id };
  if (typeof payload.openstack_domain_id === 'string') return { kind: 'domain', id: payload.openstack_domain_id };
  return payload.openstack_system === 'all' ? { kind: 'system' } : { kind: 'unscoped' };
}

function strings(value: unknown): string[] | undefined {
  return Array.isArray(value) && value.every((one) => typeof one === 'string') ? value : undefined;
}
