// EC2 credentials of a user: /v3/users/{id}/credentials/OS-EC2.
import { randomBytes } from 'node:crypto';
import { Type } from '@sinclair/typebox';
import { sql } from 'kysely';
import { type ApiRequest, empty, json, type Route, route } from '../../openstack/index.ts';
import { record } from '../collection/index.ts';
import { errors } from '../errors.ts';
import type { Parts } from '../parts.ts';
import { effectiveRoles } from '../roles.ts';
import { all, first, projectById, userById } from '../store.ts';
import { credentialRow, ec2CredentialId } from './credentials.ts';

interface Ec2Row {
  readonly id: string;
  readonly user_id: string;
  readonly project_id: string | null;
  readonly access: string;
  readonly blob_sealed: Buffer;
  readonly trust_id: string | null;
}

export function ec2Routes(parts: Parts): Route[] {
  const path = '/v3/users/:id/credentials/OS-EC2';
  const target = (userId: string | undefined) => ({ 'target.credential.user_id': userId, user_id: userId });
  return [
    route({
      method: 'GET',
      path,
      policy: 'identity:ec2_list_credentials',
      enforcement: 'handler',
      summary: 'List the EC2 credentials of a user',
      handler: async (request) => {
        const userId = request.params.id ?? '';
        request.enforce('identity:ec2_list_credentials', target(userId));
        const rows = await all(
          parts.database,
          sql<Ec2Row>`select * from identity_credentials where user_id = ${userId} and type = 'ec2' order by access`,
        );
        const self = `${request.context.baseUrl}/v3/users/${userId}/credentials/OS-EC2`;
        return json({
          credentials: rows.map((row) => present(parts, row, request)),
          links: { self, next: null, previous: null },
        });
      },
    }),
    route({
      method: 'POST',
      path,
      policy: 'identity:ec2_create_credential',
      enforcement: 'handler',
      summary: 'Make an EC2 credential for a user',
      body: Type.Object({ tenant_id: Type.String({ minLength: 1 }) }),
      handler: async (request) => {
        const userId = request.params.id ?? '';
        request.enforce('identity:ec2_create_credential', target(userId));
        if (!(await userById(parts.database, userId))) throw errors.NotFound('user', userId);
        const projectId = request.body.tenant_id;
        if (!(await projectById(parts.database, projectId))) throw errors.NotFound('project', projectId);
        const held = await effectiveRoles(parts.database, userId, { kind: 'project', id: projectId });
        if (held.length === 0) throw errors.Denied(`User ${userId} has no role on project ${projectId}.`);
        const access = randomBytes(16).toString('hex');
        const secret = randomBytes(16).toString('hex');
        const id = ec2CredentialId(access);
        const sealed = parts.seal.seal(JSON.stringify({ access, secret }), credentialRow(id));
        await sql`insert into identity_credentials (id, user_id, project_id, type, access, blob_sealed) values
          (${id}, ${userId}, ${projectId}, 'ec2', ${access}, ${sealed})`.execute(parts.database);
        return json({ credential: present(parts, await find(parts, userId, access), request) }, 201);
      },
    }),
    route({
      method: 'GET',
      path: `${path}/:access`,
      policy: 'identity:ec2_get_credential',
      enforcement: 'handler',
      summary: 'Show an EC2 credential',
      handler: async (request) => {
        request.enforce('identity:ec2_get_credential', target(request.params.id));
        const row = await find(parts, request.params.id ?? '', request.params.access ?? '');
        return json({ credential: present(parts, row, request) });
      },
    }),
    route({
      method: 'DELETE',
      path: `${path}/:access`,
      policy: 'identity:ec2_delete_credential',
      enforcement: 'handler',
      summary: 'Delete an EC2 credential',
      handler: async (request) => {
        request.enforce('identity:ec2_delete_credential', target(request.params.id));
        const row = await find(parts, request.params.id ?? '', request.params.access ?? '');
        await sql`delete from identity_credentials where access = ${row.access}`.execute(parts.database);
        return empty();
      },
    }),
  ];
}

async function find({ database }: Parts, userId: string, access: string): Promise<Ec2Row> {
  const row = await first(
    database,
    sql<Ec2Row>`select * from identity_credentials where user_id = ${userId} and type = 'ec2' and access = ${access}`,
  );
  if (!row) throw errors.NotFound('credential', access);
  return row;
}

function present({ seal }: Parts, row: Ec2Row, { context }: ApiRequest) {
  const { secret } = record({ blob: JSON.parse(seal.open(row.blob_sealed, credentialRow(row.id))) }, 'blob');
  return {
    user_id: row.user_id,
    tenant_id: row.project_id,
    access: row.access,
    secret,
    trust_id: row.trust_id,
    links: { self: `${context.baseUrl}/v3/users/${row.user_id}/credentials/OS-EC2/${row.access}` },
  };
}
