// Runs the inspection rules over a node and what was found in it.
import type { Transaction } from '../../database/index.ts';
import { ApiError } from '../../openstack/index.ts';
import { OperationFailed } from '../../operations/index.ts';
import { type Draft, RuleFailed } from '../inspection-rule/actions.ts';
import { applyRules } from '../inspection-rule/apply.ts';
import { record } from '../node/change.ts';
import { editableFields } from '../node/schemas.ts';
import { sameValue } from '../node/secrets.ts';
import { columnsOf } from '../node/update.ts';
import type { Parts } from '../parts.ts';
import { type JsonObject, type NodeRow, type NodeUpdate, tables } from '../store.ts';
import type { Findings } from './inspection-report.ts';

/** What the rules make of the node, and what is to be kept beside its inventory. Throws OperationFailed where a rule says so. */
export async function ruledNode(
  parts: Parts,
  tx: Transaction,
  node: NodeRow,
  found: Findings,
): Promise<{ change: NodeUpdate; pluginData: JsonObject }> {
  const pluginData = { ...found.properties, macs: [...found.macs] };
  const rules = await tables(tx).selectFrom('baremetal_inspection_rules').selectAll().orderBy('id').execute();
  if (rules.length === 0) return { change: {}, pluginData };
  const before: JsonObject = Object.fromEntries(Object.entries(node).filter(([name]) => editableFields.includes(name)));
  const draft: Draft = {
    node: structuredClone({ ...before, uuid: node.uuid, auto_discovered: node.extra.auto_discovered === true }),
    traits: new Set(node.traits),
    plugin_data: structuredClone(pluginData),
    notes: [],
  };
  try {
    applyRules(rules, draft, found.inventory);
    for (const note of draft.notes) await record(parts, tx, node, 'INFO', `inspection rule: ${note}`, {});
    const names = new Set(editableFields.filter((name) => !sameValue(draft.node[name], before[name])));
    const change = names.size === 0 ? {} : columnsOf(parts, node, draft.node, names, true);
    return { change: { ...change, traits: [...draft.traits].sort() }, pluginData: draft.plugin_data };
  } catch (error) {
    if (error instanceof RuleFailed || error instanceof ApiError) {
      throw new OperationFailed(
        `An inspection rule ended the inspection: ${error.message}`,
        'Change the rule, or the machine that it is about.',
        { cause: error },
      );
    }
    throw error;
  }
}
