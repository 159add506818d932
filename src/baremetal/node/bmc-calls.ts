// Shows what was said to a node's BMC in its latest operations.
import { sql } from 'kysely';
import { type Answer, type ApiRequest, json } from '../../openstack/index.ts';
import { enforceOnNode } from '../access.ts';
import { errors } from '../errors.ts';
import type { Parts } from '../parts.ts';
import { tables } from '../store.ts';
import { findNode } from './find.ts';

export function bmcCallHandlers({ database }: Pick<Parts, 'database'>) {
  async function callsOf(request: ApiRequest) {
    const ident = request.params.node ?? '';
    const node = await findNode(database, ident);
    enforceOnNode(request, 'baremetal:node:history:get', node, ident);
    const rows = tables(database).selectFrom('baremetal_bmc_calls').where('node_uuid', '=', node.uuid);
    return { uuid: node.uuid, rows };
  }
  return {
    async list(request: ApiRequest): Promise<Answer> {
      const { rows } = await callsOf(request);
      const listed = await rows
        .select(['operation_id', 'updated_at', sql<number>`jsonb_array_length(exchanges)`.as('exchanges'), 'omitted'])
        .orderBy('updated_at', 'desc')
        .execute();
      return json({ bmc_calls: listed });
    },
    async show(request: ApiRequest): Promise<Answer> {
      const operation = request.params.operation ?? '';
      const { uuid, rows } = await callsOf(request);
      const row = await rows
        .select(['operation_id', 'updated_at', 'exchanges', 'omitted'])
        .where('operation_id', '=', operation)
        .executeTakeFirst();
      if (!row) throw errors.BmcCallsNotFound(uuid, operation);
      return json(row);
    },
  };
}
