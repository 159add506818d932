// A token as the API shows it.
import type { CatalogEntry } from '../catalog/catalog.ts';
import type { TokenContext } from './context.ts';

/** ISO 8601 with microseconds and Z, as Keystone writes times. */
export function keystoneTime(date: Date): string {
  return date.toISOString().replace(/Z$/, '000Z');
}

/** The `token` object of POST and GET /v3/auth/tokens; without a catalogue when `catalog` is undefined. */
export function renderToken(context: TokenContext, catalog: readonly CatalogEntry[] | undefined) {
  const { claims, user, project, domain, trust, applicationCredential } = context;
  return {
    token: {
      methods: claims.methods,
      user: {
        domain: { id: user.domain_id, name: user.domain_name },
        id: user.id,
        name: user.name,
        password_expires_at: user.password_expires_at ? keystoneTime(user.password_expires_at).replace(/Z$/, '') : null,
      },
      audit_ids: claims.auditIds,
      expires_at: keystoneTime(claims.expiresAt),
      issued_at: keystoneTime(claims.issuedAt),
      ...(project
        ? {
            project: { domain: project.domain, id: project.id, name: project.name },
            is_domain: project.isDomain,
          }
        : {}),
      ...(domain ? { domain } : {}),
      ...(claims.scope.kind === 'system' ? { system: { all: true } } : {}),
      ...(claims.scope.kind === 'unscoped' ? {} : { roles: context.roles.map(({ id, name }) => ({ id, name })) }),
      ...(claims.scope.kind !== 'unscoped' && catalog ? { catalog } : {}),
      ...(trust
        ? {
            'OS-TRUST:trust': {
              id: trust.id,
              impersonation: trust.impersonation,
              trustor_user: { id: trust.trustorUserId },
              trustee_user: { id: trust.trusteeUserId },
            },
          }
        : {}),
      ...(applicationCredential
        ? {
            application_credential: {
              id: applicationCredential.id,
              name: applicationCredential.name,
              restricted: !applicationCredential.unrestricted,
              ...(applicationCredential.accessRules ? { access_rules: applicationCredential.accessRules } : {}),
            },
          }
        : {}),
    },
  };
}
