// The changes of an update as Heat's preview lists them.
import type { PlannedAction, PlannedChange } from '../plan/changes.ts';
import type { ResourceRow } from '../stack/store.ts';

const listOf = {
  create: 'added',
  delete: 'deleted',
  update: 'updated',
  'decided-later': 'updated',
  replace: 'replaced',
  unchanged: 'unchanged',
} as const satisfies Readonly<Record<PlannedAction, string>>;

/** By list, each with name, type and properties; nested resources only when asked for. */
export function resourceChanges(
  changes: readonly PlannedChange[],
  rows: ReadonlyMap<string, ResourceRow>,
  nested: boolean,
) {
  const lists: Record<(typeof listOf)[PlannedAction], unknown[]> = {
    added: [],
    deleted: [],
    updated: [],
    replaced: [],
    unchanged: [],
  };
  for (const change of changes) {
    if (!nested && change.path.includes('/')) continue;
    const row = rows.get(change.path);
    lists[listOf[change.action]].push({
      resource_name: change.name,
      resource_type: change.type,
      physical_resource_id: row?.physical_id ?? '',
      resource_action: row?.action ?? 'INIT',
      resource_status: row?.status ?? 'COMPLETE',
      properties: change.resolved ?? row?.properties ?? {},
    });
  }
  return lists;
}
