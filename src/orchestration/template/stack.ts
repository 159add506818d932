// One stack of the tree: its parameters, resources and outputs, and how its functions see them.

import { Conditions } from './conditions.ts';
import type { Context } from './context.ts';
import { type OutputDefinition, type ResourceDefinition, sectionValue } from './definition.ts';
import type { Environment } from './environment/environment.ts';
import type { RegistryEntry } from './environment/registry.ts';
import { invalidAttribute, notFound, TemplateError, validationFailed } from './errors.ts';
import type { Evaluation } from './evaluation.ts';
import type { Child } from './expand/child.ts';
import { expandChild } from './expand/index.ts';
import { valueAttribute } from './expand/value.ts';
import { type AttributePath, calls, resolve, type Snippet, type SnippetMap } from './fn/fn.ts';
import type { FunctionTable } from './fn/parse.ts';
import { parse } from './fn/parse.ts';
import { GetAttribute, Removed, selectFrom } from './fn/references.ts';
import type { Parameters } from './parameter/parameters.ts';
import { readDefinitions, readOutputs } from './read-definitions.ts';
import type { CompiledType } from './resource-type.ts';
import type { Facade, Limits, Scope } from './scope.ts';
import type { Template } from './template.ts';
import { type Dict, isDict, type Key, str, typeName, type Value } from './value/index.ts';
import { own } from './value/own.ts';

/** How a resource behaves inside the language; all but `plain` are computed without any outside effect. */
export type ResourceKind =
  | 'plain'
  | 'template'
  | 'group'
  | 'chain'
  | 'deployments'
  | 'scaling'
  | 'instances'
  | 'value'
  | 'none';

/** A resource of a stack with what its type resolves to. */
export interface ResourceNode {
  readonly definition: ResourceDefinition;
  readonly kind: ResourceKind;
  /** Where the registry leads; undefined for a type nobody knows (allowed only where any type goes). */
  readonly entry: RegistryEntry | undefined;
  /** The type that implements it, after mappings. */
  readonly type: string;
  readonly schema: CompiledType | undefined;
}

export interface StackOptions {
  readonly context: Context;
  readonly path: string;
  readonly name: string;
  readonly depth: number;
  readonly template: Template;
  readonly environment: Environment;
  readonly parameters: Parameters;
  readonly files: ReadonlyMap<string, string>;
  readonly parent: StackScope | undefined;
  readonly facade: Facade | undefined;
  /** Decides conditions and everything else that shapes the tree. */
  readonly evaluation: Evaluation;
  /** Properties of resources that were computed elsewhere and replace the template's. */
  readonly properties?: ReadonlyMap<string, SnippetMap>;
}

const kinds: Readonly<Record<string, ResourceKind>> = {
  'OS::Heat::ResourceGroup': 'group',
  'OS::Heat::ResourceChain': 'chain',
  'OS::Heat::SoftwareDeploymentGroup': 'deployments',
  'OS::Heat::SoftwareDeployments': 'deployments',
  'OS::Heat::StructuredDeploymentGroup': 'deployments',
  'OS::Heat::StructuredDeployments': 'deployments',
  'OS::Heat::AutoScalingGroup': 'scaling',
  'OS::Heat::InstanceGroup': 'instances',
  'AWS::AutoScaling::AutoScalingGroup': 'instances',
  'OS::Heat::Value': 'value',
  'OS::Heat::None': 'none',
};

/** Groups that are taken for types like any other where any type goes. */
const plainWhereAnyGoes: ReadonlySet<string> = new Set([
  'OS::Heat::SoftwareDeployments',
  'OS::Heat::StructuredDeployments',
  'OS::Heat::AutoScalingGroup',
  'OS::Heat::InstanceGroup',
  'AWS::AutoScaling::AutoScalingGroup',
]);

export class StackScope implements Scope {
  readonly options: StackOptions;
  private loadedConditions: Conditions | undefined;
  private loadedResources:
    | { readonly enabled: ReadonlyMap<string, ResourceDefinition>; readonly disabled: readonly string[] }
    | undefined;
  private loading = false;
  private loadedCalls: readonly GetAttribute[] | undefined;
  private loadedOutputs: ReadonlyMap<string, OutputDefinition> | undefined;
  private readonly nodes = new Map<string, ResourceNode>();
  private readonly children = new Map<string, Child>();

  constructor(options: StackOptions) {
    this.options = options;
  }

  get path(): string {
    return this.options.path;
  }
  get files(): ReadonlyMap<string, string> {
    return this.options.files;
  }
  get limits(): Limits {
    return this.options.context.limits;
  }
  get zones(): readonly string[] {
    return this.options.context.zones;
  }
  get facade(): Facade | undefined {
    return this.options.facade;
  }
  get template(): Template {
    return this.options.template;
  }
  get parameters(): Parameters {
    return this.options.parameters;
  }
  get mappings(): Dict {
    return this.template.mappings;
  }

  /** Path in the graph of one of this stack's resources. */
  pathOf(resource: string): string {
    return this.path === '' ? resource : `${this.path}/${resource}`;
  }

  hasParameter(name: string): boolean {
    return this.parameters.has(name);
  }

  parameter(name: string, evaluation: Evaluation): Value {
    return this.parameters.value(name, evaluation);
  }

  names(resource: string): boolean {
    return this.template.names(resource);
  }

  private parseWith(table: FunctionTable, data: Value, path: string, evaluation: Evaluation): Snippet {
    return parse(table, this, data, path, evaluation, (call, args) => new Removed(call.scope, call.name, args));
  }

  parse(data: Value, path: string): Snippet {
    return this.parseWith(this.template.language.functions, data, path, this.options.evaluation);
  }

  parseCondition(data: Value, path: string, evaluation: Evaluation): Snippet {
    return this.parseWith(this.template.language.conditionFunctions, data, path, evaluation);
  }

  /** @throws TemplateError StackValidationFailed when the section is no map or a call in it has wrong arguments */
  get conditions(): Conditions {
    if (this.loadedConditions) return this.loadedConditions;
    const { language } = this.template;
    const raw = language.hasConditions
      ? this.template.data.has(language.keys.conditions)
        ? (this.template.data.get(language.keys.conditions) ?? null)
        : new Map()
      : new Map();
    if (!isDict(raw)) {
      throw validationFailed(`Condition definitions must be a map. Found a ${typeName(raw)} instead`, {
        error: 'Conditions validation error',
      });
    }
    const parsed = new Map<string, Snippet>(
      [...raw].map(([name, data]) => [
        str(name),
        this.parseCondition(data, `${language.keys.conditions}.${str(name)}`, this.options.evaluation),
      ]),
    );
    this.loadedConditions = new Conditions(parsed);
    return this.loadedConditions;
  }

  condition(name: Value, evaluation: Evaluation): boolean {
    return this.conditions.holds(name, evaluation);
  }

  private get resources() {
    if (this.loadedResources) return this.loadedResources;
    // A definition whose reading needs the definitions (a deletion policy that hangs on an attribute) has no end.
    if (this.loading) throw new TemplateError('RecursionError', 'maximum recursion depth exceeded in comparison');
    this.loading = true;
    try {
      this.loadedResources = readDefinitions(this, this.options.evaluation, this.options.properties);
      return this.loadedResources;
    } finally {
      this.loading = false;
    }
  }

  /** Enabled resources in the template's order. @throws TemplateError for a definition with wrong form */
  get definitions(): ReadonlyMap<string, ResourceDefinition> {
    return this.resources.enabled;
  }

  /** Names of the resources that a false condition removed. */
  get disabled(): readonly string[] {
    return this.resources.disabled;
  }

  /** @throws TemplateError for a definition with wrong form */
  get outputs(): ReadonlyMap<string, OutputDefinition> {
    this.loadedOutputs ??= readOutputs(this, this.options.evaluation);
    return this.loadedOutputs;
  }

  hasResource(name: string): boolean {
    return this.definitions.has(name);
  }

  /** @throws TemplateError StackValidationFailed for a type that does not exist */
  node(name: string): ResourceNode {
    const known = this.nodes.get(name);
    if (known) return known;
    const definition = this.definitions.get(name);
    if (!definition) throw new TemplateError('KeyError', `'${name}'`);
    const node = this.classify(definition);
    this.nodes.set(name, node);
    return node;
  }

  private classify(definition: ResourceDefinition): ResourceNode {
    const { context, environment } = this.options;
    if (definition.name.includes('/')) throw validationFailed('Resource name may not contain "/"');
    if (definition.type === '') throw validationFailed(`Resource "${definition.name}" has no type`);
    let entry: RegistryEntry | undefined;
    try {
      entry = environment.registry.find(definition.type, definition.name);
    } catch (cause) {
      if (!(cause instanceof TemplateError) || cause.type !== 'EntityNotFound') throw cause;
      if (!context.anyType) throw validationFailed(cause.message, { cause });
    }
    if (entry?.kind === 'template')
      return { definition, kind: 'template', entry, type: entry.value, schema: undefined };
    const type = entry?.name ?? definition.type;
    const kind = context.anyType && plainWhereAnyGoes.has(type) ? 'plain' : (own(kinds, type) ?? 'plain');
    // Where any type goes, only the kinds that the language itself computes keep their schemas.
    const known = !context.anyType || kind !== 'plain';
    return { definition, kind, entry, type, schema: known ? context.types.get(type) : undefined };
  }

  /** The stack inside a resource; undefined for a resource that has none. */
  child(name: string): Child | undefined {
    const known = this.children.get(name);
    if (known) return known;
    const child = expandChild(this, this.node(name));
    if (child) this.children.set(name, child);
    return child;
  }

  hasAttribute(resource: string, attribute: string): boolean {
    if (this.options.context.anyType) return true;
    const node = this.node(resource);
    if (node.kind !== 'plain' && node.kind !== 'value') return true;
    const data = node.schema?.data;
    return !data || data.open_attributes === true || attribute === 'show' || Object.hasOwn(data.attributes, attribute);
  }

  reference(resource: string, evaluation: Evaluation): Value {
    return evaluation.reference(this.pathOf(resource), resource);
  }

  attribute(resource: string, path: AttributePath, evaluation: Evaluation): Value {
    const node = this.node(resource);
    const [name, ...components] = path;
    switch (node.kind) {
      case 'none':
        return null;
      case 'value':
        return name === 'value'
          ? selectFrom(valueAttribute(this, node, evaluation), components)
          : this.liveAttribute(node, path, evaluation);
      case 'plain':
        return this.liveAttribute(node, path, evaluation);
      default: {
        const child = this.child(resource);
        return child ? child.attribute(path, evaluation) : null;
      }
    }
  }

  private liveAttribute(node: ResourceNode, path: AttributePath, evaluation: Evaluation): Value {
    const [name, ...components] = path;
    if (!this.hasAttribute(node.definition.name, name))
      throw invalidAttribute(node.definition.name, components.length === 0 ? name : tupleText(path));
    return selectFrom(evaluation.attribute(this.pathOf(node.definition.name), name, components), components);
  }

  /** Calls of get_attr in the resources and outputs of this stack. */
  get attributeCalls(): readonly GetAttribute[] {
    this.loadedCalls ??= [
      ...[...this.definitions.values()].flatMap(({ properties, metadata }) => [properties ?? null, metadata ?? null]),
      ...[...this.outputs.values()].map(({ value }) => value),
    ].flatMap((snippet) => [...calls(snippet)].filter((call) => call instanceof GetAttribute));
    return this.loadedCalls;
  }

  /** Names of the attributes that some function in this stack asks of a resource, with the paths into them. */
  askedAttributes(resource: string, evaluation: Evaluation): AttributePath[] {
    const asked = new Map<string, AttributePath>();
    for (const call of this.attributeCalls)
      for (const path of call.asks(resource, evaluation)) asked.set(JSON.stringify(path.map(str)), path);
    return [...asked.values()];
  }

  allAttributes(resource: string, evaluation: Evaluation): Dict {
    const node = this.node(resource);
    const child = this.child(resource);
    const names = child ? child.attributeNames() : Object.keys(node.schema?.data.attributes ?? {});
    const { attributeNames, simulated } = evaluation.live;
    const own = [...names, ...(attributeNames?.(this.pathOf(resource)) ?? []), ...(simulated ? ['show'] : [])];
    const asked = this.askedAttributes(resource, evaluation).flatMap(([name, ...inner]) =>
      inner.length > 0 || name === '*' ? [] : [name],
    );
    const all = new Map<Key, Value>();
    for (const name of new Set([...own, ...asked])) {
      try {
        all.set(name, this.attribute(resource, [name], evaluation));
      } catch (cause) {
        // What a resource turns out not to have is left out; the call that asks for it reports it.
        const missing = cause instanceof TemplateError && cause.type === 'InvalidTemplateAttribute';
        if (!missing || (simulated && own.includes(name))) throw cause;
      }
    }
    all.delete('show');
    return all;
  }

  /** The value of one of this stack's outputs. @throws TemplateError NotFound */
  output(name: string, evaluation: Evaluation): Value {
    const output = this.outputs.get(name);
    if (!output) throw notFound(`Specified output key ${name} not found.`);
    return evaluation.once(output, 'value', () => sectionOutput(output, evaluation), isValue);
  }

  metadata(name: string, evaluation: Evaluation): Dict {
    return sectionValue(this.definitions.get(name)?.metadata, evaluation);
  }
}

const isValue = (value: unknown): value is Value => value !== undefined;
const sectionOutput = (output: OutputDefinition, evaluation: Evaluation): Value => resolve(output.value, evaluation);

const tupleText = (path: AttributePath): string =>
  `(${path.map((item) => (typeof item === 'string' ? `'${item}'` : str(item))).join(', ')})`;
