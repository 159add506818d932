// Runs the inspection rules over a node and what was found in it.
import type { Transaction } from '../../database/index.ts';
import { ApiError } from '../../openstack/index.ts';
import { OperationFailed } from '../../operations/index.ts';
import type { Inspected } from '../inspection-hook/hook.ts';
import { portsOf } from '../inspection-hook/keep.ts';
import { type ApiCall, type Draft, RuleFailed } from '../inspection-rule/actions.ts';
import { applyRules } from '../inspection-rule/apply.ts';
import { record } from '../node/change.ts';
import { editableFields } from '../node/schemas.ts';
import { sameValue } from '../node/secrets.ts';
import { columnsOf } from '../node/update.ts';
import type { Parts } from '../parts.ts';
import { writeRuledPort } from '../port/port.ts';
import { type JsonObject, type NodeRow, type NodeUpdate, tables } from '../store.ts';

export interface Ruled {
  readonly change: NodeUpdate;
  /** What is to be kept beside the inventory. */
  readonly pluginData: JsonObject;
  /** Outside services to call when all that is written. */
  readonly calls: readonly ApiCall[];
}

/** What the rules make of the node; its ports they have changed then. Throws OperationFailed where a rule says so. */
export async function ruledNode(parts: Parts, tx: Transaction, node: NodeRow, found: Inspected): Promise<Ruled> {
  const { pluginData } = found;
  const own = await tables(tx).selectFrom('baremetal_inspection_rules').selectAll().orderBy('id').execute();
  const rules = [...parts.config.builtInRules, ...own];
  if (rules.length === 0) return { change: {}, pluginData, calls: [] };
  const ports = await portsOf(tx, node.uuid);
  const before: JsonObject = Object.fromEntries(Object.entries(node).filter(([name]) => editableFields.includes(name)));
  const draft: Draft = {
    node: structuredClone({ ...before, uuid: node.uuid, auto_discovered: node.extra.auto_discovered === true }),
    traits: new Set(node.traits),
    plugin_data: structuredClone(pluginData),
    ports: structuredClone(ports),
    calls: [],
    notes: [],
  };
  try {
    applyRules(rules, draft, found.inventory);
    for (const [index, port] of ports.entries()) {
      const ruled = draft.ports[index];
      if (ruled && !sameValue(ruled, port)) await writeRuledPort(tx, port, ruled);
    }
    for (const note of draft.notes) await record(parts, tx, node, `inspection rule: ${note}`, {});
    const names = new Set(editableFields.filter((name) => !sameValue(draft.node[name], before[name])));
    const change = names.size === 0 ? {} : columnsOf(parts, node, draft.node, names, true);
    return {
      change: { ...change, traits: [...draft.traits].sort() },
      pluginData: draft.plugin_data,
      calls: draft.calls,
    };
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
