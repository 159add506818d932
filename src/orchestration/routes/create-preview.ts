// The preview of a create: every resource as it would be, nested stacks as lists.
import type { Graph, KnownValues, ResolvedResource, Vertex } from '../graph/index.ts';
import { type ResourceTypeLibrary, TemplateError } from '../template/index.ts';
import { textOf } from './stack-detail.ts';

export interface PreviewOf {
  readonly name: string;
  readonly projectId: string;
  readonly types: ResourceTypeLibrary;
}

/** A resource that nobody has made answers its name, and no attribute. */
const nothing: KnownValues = { reference: (path) => path.split('/').pop(), attribute: () => null };

/** `resources` and `parameters` of Orchestration API, "Preview stack". */
export function previewOf(graph: Graph, of: PreviewOf) {
  return {
    parameters: Object.fromEntries(
      Object.entries(graph.stacks.get('')?.parameters(nothing) ?? {}).map(([name, value]) => [name, textOf(value)]),
    ),
    resources: resourcesOf(graph, '', of.name, undefined, of),
  };
}

function resourcesOf(
  graph: Graph,
  stack: string,
  stackName: string,
  parent: string | undefined,
  of: PreviewOf,
): unknown[] {
  const paths = graph.stacks.get(stack)?.resources ?? [];
  const vertices = paths.flatMap((path) => graph.vertices.get(path) ?? []);
  return vertices.map((vertex) =>
    vertex.kind === 'stack'
      ? resourcesOf(graph, vertex.path, `${stackName}-${vertex.name}`, vertex.name, of)
      : resourceOf(vertex, vertices, stackName, parent, of),
  );
}

/** A property that needs more of another resource than its name leaves the rest untold. */
function definitionOf(vertex: Vertex): Pick<ResolvedResource, 'properties' | 'metadata'> {
  try {
    return vertex.resolve(nothing);
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    return { properties: {}, metadata: {} };
  }
}

function resourceOf(
  vertex: Vertex,
  siblings: readonly Vertex[],
  stackName: string,
  parent: string | undefined,
  { projectId, types }: PreviewOf,
) {
  const { properties, metadata } = definitionOf(vertex);
  const identity = { stack_name: stackName, stack_id: 'None', tenant: projectId };
  const attributes = Object.keys(types.get(vertex.implementation)?.attributes ?? {});
  return {
    resource_name: vertex.name,
    resource_type: vertex.type,
    resource_action: 'INIT',
    resource_status: 'COMPLETE',
    resource_status_reason: '',
    resource_identity: { ...identity, path: `/resources/${vertex.name}` },
    stack_identity: { ...identity, path: '' },
    stack_name: stackName,
    physical_resource_id: '',
    description: vertex.description,
    creation_time: null,
    updated_time: null,
    attributes: Object.fromEntries(attributes.map((name) => [name, null])),
    properties,
    metadata,
    required_by: siblings.filter((other) => other.dependsOn.includes(vertex.name)).map(({ name }) => name),
    ...(parent === undefined ? {} : { parent_resource: parent }),
  };
}
