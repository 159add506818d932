// What has been revoked: /v3/OS-REVOKE/events; and the answers of the lists and certificates that went with PKI tokens.
import { sql } from 'kysely';
import { json, type Route, route } from '../../openstack/index.ts';
import { errors } from '../errors.ts';
import type { Parts } from '../parts.ts';
import { all } from '../store.ts';
import { keystoneTime } from '../token/render.ts';

const gone = [
  ['/v3/auth/tokens/OS-PKI/revoked', 'The list of revoked PKI tokens'],
  ['/v3/OS-SIMPLE-CERT/ca', 'The certificate authority of PKI tokens'],
  ['/v3/OS-SIMPLE-CERT/certificates', 'The signing certificate of PKI tokens'],
] as const;

export function revocationRoutes({ database }: Parts): Route[] {
  const path = '/v3/OS-REVOKE/events';
  return [
    route({
      method: 'GET',
      path,
      policy: 'identity:list_revoke_events',
      summary: 'List revocations of tokens',
      handler: async ({ search, context }) => {
        const since = search.get('since');
        if (since !== null && Number.isNaN(Date.parse(since))) throw errors.Invalid(`since is a time, not ${since}.`);
        const rows = await all(
          database,
          sql<{ audit_id: string | null; audit_chain_id: string | null; revoked_at: Date }>`
            select audit_id, audit_chain_id, revoked_at from identity_revocations
            where revoked_at > ${since === null ? '-infinity' : new Date(since)} order by id`,
        );
        const events = rows.map(({ audit_id, audit_chain_id, revoked_at }) => ({
          ...(audit_id === null ? {} : { audit_id }),
          ...(audit_chain_id === null ? {} : { audit_chain_id }),
          issued_before: keystoneTime(revoked_at),
          revoked_at: keystoneTime(revoked_at),
        }));
        return json({ events, links: { self: `${context.baseUrl}${path}`, next: null, previous: null } });
      },
    }),
    ...gone.map(([where, what]) =>
      route({
        method: 'GET',
        path: where,
        policy: null,
        summary: `${what}: gone`,
        handler: () => {
          throw errors.Gone(what);
        },
      }),
    ),
  ];
}
