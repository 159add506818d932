// RBAC policies: /v2.0/rbac-policies, networks shared with single projects.
import { Type } from '@sinclair/typebox';
import { sql } from 'kysely';
import { errors } from '../errors.ts';
import { idText, once, readOnly, required } from '../resource/attributes.ts';
import { each, type Resource } from '../resource/resource.ts';
import { first, insert, newId, type Row, refusal, text } from '../store.ts';

export const rbacPolicies: Resource = {
  path: '/v2.0/rbac-policies',
  member: 'rbac_policy',
  members: 'rbac_policies',
  notFound: errors.RbacPolicyNotFound,
  attributes: {
    id: readOnly('text'),
    project_id: once(Type.String(), 'text'),
    tenant_id: once(Type.String(), 'text'),
    object_type: required(Type.Literal('network'), 'text'),
    object_id: required(idText, 'text'),
    action: required(Type.Union([Type.Literal('access_as_shared'), Type.Literal('access_as_external')]), 'text'),
    target_tenant: { schema: idText, create: 'required', update: true, filter: 'text' },
  },
  query: sql<Row>`select * from network_rbac_policies`,
  create: each(async (tx, attributes, request) => {
    const networkId = text(attributes, 'object_id');
    const network = await first(
      tx,
      sql<{ project_id: string }>`select project_id from network_networks where id = ${networkId} for key share`,
    );
    const mine = network && (network.project_id === request.context.caller.projectId || request.may('admin_only', {}));
    if (!mine) throw errors.NetworkNotFound(networkId);
    const id = newId();
    try {
      await insert(tx, 'network_rbac_policies', { ...attributes, id });
    } catch (error) {
      if (refusal(error)?.code === '23505') throw errors.RbacPolicyInUse(networkId);
      throw error;
    }
    return id;
  }),
  update: async (tx, before, attributes) => {
    await sql`update network_rbac_policies set target_tenant = ${attributes.target_tenant ?? before.target_tenant} where id = ${text(before, 'id')}`.execute(
      tx,
    );
  },
  remove: async (tx, row) => {
    await sql`delete from network_rbac_policies where id = ${text(row, 'id')}`.execute(tx);
  },
};
