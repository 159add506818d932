// node.reapply: derives anew from what the last inspection has found, without touching the machine.
import { type Json, type OperationContext, OperationFailed } from '../../operations/index.ts';
import { type Report, reportOf } from '../inspection-hook/report.ts';
import type { Parts } from '../parts.ts';
import { tables } from '../store.ts';
import { keepFindings } from './findings.ts';
import { textInput } from './input.ts';
import { nodeWork } from './node-work.ts';

export function reapplyInspection(parts: Parts) {
  return async (context: OperationContext, input: Json): Promise<Json> => {
    const work = nodeWork(parts, context, textInput(input, 'node'));
    const apply = async () => keepFindings(parts, work, await keptReport(parts, work.uuid));
    await context.step('reapply', apply, { reason: 'deriving anew from what was found' });
    return {};
  };
}

async function keptReport(parts: Parts, uuid: string): Promise<Report> {
  const row = await tables(parts.database)
    .selectFrom('baremetal_inventories')
    .select(['report', 'inventory'])
    .where('node_uuid', '=', uuid)
    .executeTakeFirst();
  if (!row) throw new OperationFailed('Nothing is kept of an earlier inspection.', 'Inspect the node first.');
  return reportOf(row.report ?? { inventory: row.inventory });
}
