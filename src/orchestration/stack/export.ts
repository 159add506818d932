// A stack as a document: what it was made from and what it has, for another stack to adopt.
import type { Graph, Plain } from '../graph/index.ts';
import type { StackInputs } from './inputs.ts';
import type { PlainMap, ResourceRow, StackRow } from './store.ts';

export interface ExportSources {
  readonly graph: Graph;
  readonly inputs: StackInputs;
  readonly stacks: readonly StackRow[];
  readonly resources: readonly ResourceRow[];
}

/** Orchestration API, "Abandon stack". Nested stacks stand where their resource does, each with its own resources. */
export function exportOf(stack: StackRow, sources: ExportSources): PlainMap {
  const { graph, inputs } = sources;
  const view = graph.stacks.get(stack.path);
  const environment: PlainMap = { ...view?.environment };
  const given = stack.path === '' ? JSON.parse(JSON.stringify(inputs.parameters)) : {};
  return {
    name: stack.name,
    id: stack.id,
    action: stack.action,
    status: stack.status,
    template: view?.template ?? {},
    environment: { ...environment, parameters: { ...mapOf(environment.parameters), ...given } },
    files: JSON.parse(JSON.stringify(inputs.files)),
    project_id: stack.project_id,
    stack_user_project_id: stack.project_id,
    tags: stack.tags.length === 0 ? null : stack.tags,
    resources: Object.fromEntries(
      sources.resources
        .filter((row) => row.stack_id === stack.id && !row.path.includes('@'))
        .map((row) => [row.name, resourceExport(row, sources)]),
    ),
  };
}

function resourceExport(row: ResourceRow, sources: ExportSources): PlainMap {
  const nested = sources.stacks.find((stack) => stack.path === row.path && stack.path !== '');
  return {
    ...(nested ? exportOf(nested, sources) : {}),
    name: row.name,
    type: row.type,
    action: row.action,
    status: row.status,
    metadata: row.metadata,
    resource_id: row.physical_id ?? '',
    resource_data: row.attributes,
  };
}

function mapOf(value: Plain | undefined): PlainMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value))
    : {};
}
