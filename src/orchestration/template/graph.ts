// Flattens a tree of stacks into one graph.
import type {
  Graph,
  InspectedProperty,
  KnownValues,
  OutputView,
  Plain,
  ResolvedResource,
  StackView,
  UpdateRule,
  Vertex,
} from '../graph/index.ts';
import { dependenciesOf } from './definition.ts';
import { NotYetKnown } from './errors.ts';
import { Evaluation, type LiveValues, nothingKnown } from './evaluation.ts';
import { TemplateChild } from './expand/template-resource.ts';
import { valueSchema } from './expand/value.ts';
import { resolve, resolveNullable } from './fn/fn.ts';
import { entries, Properties } from './property/properties.ts';
import type { PropertySchema } from './property/schema.ts';
import type { ResourceNode, StackScope } from './stack.ts';
import { absent, type Dict, fromPlain, type Key, str, toPlain, truthy, type Value } from './value/index.ts';

type PlainMap = { readonly [name: string]: Plain };

/** Values given as plain data, in the form the language works with. */
export function liveValues(values: KnownValues): LiveValues {
  const value = (data: Plain | undefined): Value | undefined => (data === undefined ? undefined : fromPlain(data));
  return {
    reference: (path) => value(values.reference(path)),
    attribute: (path, name, components) => value(values.attribute(path, name, components.map(toPlain))),
  };
}

const plainMap = (dict: Dict): PlainMap =>
  Object.fromEntries([...dict].map(([key, item]) => [str(key), toPlain(item)]));

/** The schema a resource's properties are read by; undefined where any property goes. */
export function propertySchemata(
  stack: StackScope,
  node: ResourceNode,
  evaluation: Evaluation,
): ReadonlyMap<string, PropertySchema> | undefined {
  if (node.kind === 'none') return undefined;
  if (node.kind === 'value') {
    const data = entries(node.definition.properties ?? new Map(), evaluation);
    return valueSchema(resolve(data.get('type') ?? null, evaluation));
  }
  if (node.kind === 'template') {
    const child = stack.child(node.definition.name);
    return child instanceof TemplateChild && !child.missing ? child.schemata : undefined;
  }
  return node.schema?.properties;
}

/** Properties as the template gives them, functions computed. @throws TemplateError, NotYetKnown */
export function givenProperties(node: ResourceNode, evaluation: Evaluation): Dict {
  const given = new Map<Key, Value>();
  for (const [key, snippet] of entries(node.definition.properties ?? new Map(), evaluation)) {
    const value = resolveNullable(snippet, evaluation);
    if (value !== absent) given.set(key, value);
  }
  return given;
}

/** A resource's definition under given values. @throws TemplateError, NotYetKnown */
export function resolveNode(stack: StackScope, node: ResourceNode, evaluation: Evaluation): ResolvedResource {
  const { definition } = node;
  const given = givenProperties(node, evaluation);
  const schemata = propertySchemata(stack, node, evaluation);
  const properties = schemata
    ? new Properties(schemata, given, evaluation, stack.options.context.customs).all()
    : given;
  const section = (snippet: Parameters<typeof resolve>[0] | undefined): PlainMap => {
    const value = resolve(snippet ?? null, evaluation);
    return value instanceof Map ? plainMap(value) : {};
  };
  const id = resolve(definition.externalId ?? null, evaluation);
  return {
    properties: plainMap(properties),
    given: plainMap(given),
    metadata: section(definition.metadata),
    updatePolicy: section(definition.updatePolicy),
    externalId: truthy(id) ? str(id) : undefined,
  };
}

/** Each property by itself under given values. @throws TemplateError */
function inspectNode(
  stack: StackScope,
  node: ResourceNode,
  evaluation: Evaluation,
): { readonly [name: string]: InspectedProperty } {
  const data = entries(node.definition.properties ?? new Map(), evaluation);
  const schemata = propertySchemata(stack, node, evaluation);
  const properties = schemata ? new Properties(schemata, data, evaluation, undefined) : undefined;
  const names = schemata ? [...schemata.keys()] : [...data.keys()].map(str);
  const inspected: [string, InspectedProperty][] = [];
  for (const name of names) {
    try {
      const value = properties ? properties.get(name) : resolve(data.get(name) ?? null, evaluation);
      inspected.push([name, { value: toPlain(value) }]);
    } catch (cause) {
      if (!(cause instanceof NotYetKnown)) throw cause;
      inspected.push([name, { waitsFor: cause.path }]);
    }
  }
  return Object.fromEntries(inspected);
}

function ruleOf(stack: StackScope, node: ResourceNode, evaluation: Evaluation, property: string): UpdateRule {
  if (node.kind === 'none') return 'in place';
  const schema = propertySchemata(stack, node, evaluation)?.get(property);
  if (schema?.immutable) return 'refused';
  return schema?.updateAllowed ? 'in place' : 'replace';
}

const policies = { Delete: 'Delete', Retain: 'Retain', Snapshot: 'Snapshot' } as const;
const policyOf = (name: string | undefined): Vertex['deletionPolicy'] =>
  name === 'Retain' || name === 'Snapshot' ? policies[name] : 'Delete';

class Flattener {
  readonly vertices = new Map<string, Vertex>();
  readonly stacks = new Map<string, StackView>();
  private readonly shape = new Evaluation(nothingKnown, true);

  /** Adds a stack with all below it; `before` is what everything inside has to wait for. Returns its resources' paths. */
  add(stack: StackScope, vertex: string | undefined, before: readonly string[]): string[] {
    const paths = [...stack.definitions.keys()].map((name) => stack.pathOf(name));
    this.stacks.set(stack.path, this.view(stack, vertex, paths));
    for (const name of stack.definitions.keys()) this.addResource(stack, stack.node(name), before);
    return paths;
  }

  private addResource(stack: StackScope, node: ResourceNode, before: readonly string[]): void {
    const { definition } = node;
    const path = stack.pathOf(definition.name);
    const dependsOn = dependenciesOf(definition, stack, this.shape);
    const requires = new Set([...before, ...dependsOn.map((name) => stack.pathOf(name))]);
    const child = stack.child(definition.name);
    let kind: Vertex['kind'] = node.kind === 'value' || node.kind === 'none' ? 'computed' : 'resource';
    let waitsFor: Vertex['waitsFor'];
    if (child?.state.kind === 'fault') throw child.state.cause;
    if (child?.state.kind === 'deferred') {
      kind = 'deferred';
      waitsFor = { path: child.state.waitsFor.path, attribute: child.state.waitsFor.attribute };
      requires.add(waitsFor.path);
    } else if (child?.state.kind === 'expanded') {
      kind = 'stack';
      for (const inside of this.add(child.state.scope, path, [...requires])) requires.add(inside);
    }
    const { registry } = stack.options.environment;
    this.vertices.set(path, {
      path,
      name: definition.name,
      stack: stack.path,
      kind,
      type: definition.type,
      implementation: node.type,
      requires: [...requires],
      dependsOn,
      deletionPolicy: policyOf(definition.deletionPolicy),
      description: definition.description,
      waitsFor,
      resolve: (values) => resolveNode(stack, node, new Evaluation(liveValues(values))),
      inspect: (values) => inspectNode(stack, node, new Evaluation(liveValues(values))),
      updateRule: (property) => ruleOf(stack, node, this.shape, property),
      attribute: (name, components, values) =>
        toPlain(
          stack.attribute(definition.name, [name, ...components.map(fromPlain)], new Evaluation(liveValues(values))),
        ),
      hasHook: (hook) => registry.hasHook(definition.name, hook),
      restrictedActions: registry.restrictions(definition.name),
    });
  }

  private view(stack: StackScope, vertex: string | undefined, resources: readonly string[]): StackView {
    const { template, options } = stack;
    const outputs = new Map<string, OutputView>(
      [...stack.outputs.values()].map((output) => [
        output.name,
        {
          name: output.name,
          description: output.description ?? 'No description given',
          value: (values) => toPlain(stack.output(output.name, new Evaluation(liveValues(values)))),
        },
      ]),
    );
    return {
      path: stack.path,
      vertex,
      depth: options.depth,
      description: str(template.description),
      resources,
      // Made when asked for: most readers of a graph look at few stacks.
      get template() {
        return plainMap(template.data);
      },
      get environment() {
        return plainMap(options.environment.toDict());
      },
      outputs,
      parameters: (values) => {
        const evaluation = new Evaluation(liveValues(values));
        return Object.fromEntries(
          stack.parameters.names().map((name) => [name, toPlain(stack.parameter(name, evaluation))]),
        );
      },
      hiddenParameters: [...stack.parameters.declared.values()]
        .filter((parameter) => truthy(parameter.schema.hidden))
        .map((parameter) => parameter.name),
    };
  }
}

/**
 * The graph of a tree.
 * @throws TemplateError of the first nested stack that cannot be expanded
 */
export function toGraph(root: StackScope): Graph {
  const flattener = new Flattener();
  flattener.add(root, undefined, []);
  return { stacks: flattener.stacks, vertices: flattener.vertices };
}
