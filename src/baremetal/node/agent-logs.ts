// Shows the logs of ramdisks that were kept when work on their machine failed.
import { Readable } from 'node:stream';
import { sql } from 'kysely';
import { type Answer, type ApiRequest, json, stream } from '../../openstack/index.ts';
import { enforceOnNode } from '../access.ts';
import { errors } from '../errors.ts';
import type { Parts } from '../parts.ts';
import { type NodeRow, tables } from '../store.ts';
import { findNode } from './find.ts';

export function agentLogHandlers({ database }: Pick<Parts, 'database'>) {
  async function nodeOf(request: ApiRequest): Promise<NodeRow> {
    const ident = request.params.node ?? '';
    const node = await findNode(database, ident);
    enforceOnNode(request, 'baremetal:node:history:get', node, ident);
    return node;
  }
  return {
    async list(request: ApiRequest): Promise<Answer> {
      const { uuid } = await nodeOf(request);
      const rows = await tables(database)
        .selectFrom('baremetal_agent_logs')
        .select(['operation_id', 'collected_at', sql<number>`length(logs)`.as('bytes')])
        .where('node_uuid', '=', uuid)
        .orderBy('collected_at', 'desc')
        .execute();
      return json({ agent_logs: rows });
    },
    async show(request: ApiRequest): Promise<Answer> {
      const { uuid } = await nodeOf(request);
      const operation = request.params.operation ?? '';
      const row = await tables(database)
        .selectFrom('baremetal_agent_logs')
        .select('logs')
        .where('node_uuid', '=', uuid)
        .where('operation_id', '=', operation)
        .executeTakeFirst();
      if (!row) throw errors.AgentLogsNotFound(uuid, operation);
      const headers = { 'content-type': 'application/gzip', 'content-length': String(row.logs.length) };
      return stream(Readable.from([row.logs]), headers);
    },
  };
}
