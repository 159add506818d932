// Where a resource stands, as its type is told.
import type { ResourcePlace } from '../resources/live/contract.ts';
import type { ResourceRow, StackRow } from '../stack/store.ts';

export function placeOf(root: StackRow, stack: StackRow, row: ResourceRow): ResourcePlace {
  return {
    id: row.id,
    name: row.name,
    path: row.path,
    rootId: root.id,
    stackId: stack.id,
    stackName: stack.name,
    projectId: root.project_id,
    userId: root.owner_id,
    userName: root.owner_name,
    roles: root.owner_roles,
  };
}
