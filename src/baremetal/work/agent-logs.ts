// Keeps what the ramdisk knows of a failure, before its machine is switched off and has forgotten it.
import { type Json, type OperationContext, OperationFailed, type OperationKind } from '../../operations/index.ts';
import { agentOf } from '../machine/agent-client.ts';
import { record } from '../node/change.ts';
import type { Parts } from '../parts.ts';
import { tables } from '../store.ts';
import { textInput } from './input.ts';

type Handler = OperationKind['handler'];

/** So many failures of a node keep their logs; older ones go. */
const kept = 5;
const largestBytes = 16 << 20;

/** The handler, which in addition collects the logs when it fails while a ramdisk of its own runs. */
export function keepingLogs(parts: Parts, handler: Handler): Handler {
  return async (context, input) => {
    try {
      return await handler(context, input);
    } catch (error) {
      if (error instanceof OperationFailed) await collect(parts, context, input);
      throw error;
    }
  };
}

/** A machine that does not answer any more has no logs to give: the failure stands without them. */
async function collect(parts: Parts, context: OperationContext, input: Json): Promise<void> {
  const uuid = textInput(input, 'node');
  const { operation } = context;
  try {
    const agent = await tables(parts.database)
      .selectFrom('baremetal_agents')
      .select('heartbeat_at')
      .where('node_uuid', '=', uuid)
      .executeTakeFirst();
    // Whoever was silent for so long is off, or was here before this operation.
    if (!agent?.heartbeat_at || agent.heartbeat_at.getTime() < Date.now() - parts.config.heartbeatTimeoutMs) return;
    const ended = await (await agentOf(parts, uuid)).send('log.collect_system_logs', {}, { wait: true });
    const packed = ended.command_result?.system_logs;
    if (typeof packed !== 'string') return;
    await keep(parts, uuid, operation.id, Buffer.from(packed, 'base64').subarray(0, largestBytes));
  } catch (error) {
    parts.log.warn(`The logs of node ${uuid}'s ramdisk could not be kept`, error);
  }
}

async function keep(parts: Parts, uuid: string, operationId: string, logs: Buffer): Promise<void> {
  await parts.database.transaction().execute(async (tx) => {
    const node = await tables(tx)
      .selectFrom('baremetal_nodes')
      .selectAll()
      .where('uuid', '=', uuid)
      .executeTakeFirstOrThrow();
    await tables(tx)
      .insertInto('baremetal_agent_logs')
      .values({ node_uuid: uuid, operation_id: operationId, logs })
      .onConflict((conflict) => conflict.columns(['node_uuid', 'operation_id']).doUpdateSet({ logs }))
      .execute();
    const stale = tables(tx)
      .selectFrom('baremetal_agent_logs')
      .select('operation_id')
      .where('node_uuid', '=', uuid)
      .orderBy('collected_at', 'desc')
      .offset(kept);
    await tables(tx)
      .deleteFrom('baremetal_agent_logs')
      .where('node_uuid', '=', uuid)
      .where('operation_id', 'in', stale)
      .execute();
    const event = `The ramdisk's logs (${logs.length} bytes) are kept: undercloud node logs ${node.name ?? uuid}`;
    await record(parts, tx, node, event, { operationId });
  });
}
