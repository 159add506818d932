// The graph of resources that a whole tree of stacks comes to: what planning and applying work on.

/** JSON data. */
export type Plain = null | boolean | number | string | readonly Plain[] | { readonly [key: string]: Plain };

/** What created resources answer; paths are vertex paths. Undefined means not known yet. */
export interface KnownValues {
  /** The reference id (`get_resource`): for most resources the physical id. */
  reference(path: string): Plain | undefined;
  /** An attribute; `components` lead into its value and are applied by the caller, the resource may use them to answer faster. */
  attribute(path: string, name: string, components: readonly Plain[]): Plain | undefined;
}

/** A resource's definition with every function computed. */
export interface ResolvedResource {
  /** Properties in the form the type's schema prescribes, defaults filled in; null where there is no value. */
  readonly properties: { readonly [name: string]: Plain };
  /** Properties as the template gives them. */
  readonly given: { readonly [name: string]: Plain };
  readonly metadata: { readonly [name: string]: Plain };
  readonly updatePolicy: { readonly [name: string]: Plain };
  readonly externalId: string | undefined;
}

/** A property under the values known now: its value, or the resource it waits for. */
export type InspectedProperty = { readonly value: Plain } | { readonly waitsFor: string };

/** What a changed property means for an existing resource. */
export type UpdateRule = 'in place' | 'replace' | 'refused';

/**
 * `resource` is created by its type's plugin; `computed` has no outside effect and needs no work (OS::Heat::Value, OS::Heat::None);
 * `stack` is complete when everything inside it is; `deferred` is a stack whose shape hangs on a value not known yet.
 */
export type VertexKind = 'resource' | 'computed' | 'stack' | 'deferred';

export interface Vertex {
  /** Stable name in the graph: logical names from the root down, `outer/inner/0`. */
  readonly path: string;
  /** Logical name inside its stack. */
  readonly name: string;
  /** Path of the stack it belongs to: empty for the root stack. */
  readonly stack: string;
  readonly kind: VertexKind;
  /** Type as the template writes it. */
  readonly type: string;
  /** Type that implements it after the registry's mappings; for a template resource the template's name. */
  readonly implementation: string;
  /** Vertices that must be complete before this one starts. */
  readonly requires: readonly string[];
  /** Names in the same stack it depends on, as the API's `required_by` shows them. */
  readonly dependsOn: readonly string[];
  readonly deletionPolicy: 'Delete' | 'Retain' | 'Snapshot';
  readonly description: string;
  /** Value that a deferred vertex waits for. */
  readonly waitsFor: { readonly path: string; readonly attribute: string | undefined } | undefined;
  /**
   * Computes the definition under the values known now.
   * @throws NotYetKnown naming the resource whose value is missing; TemplateError for a function that fails or a property of the wrong form
   */
  resolve(values: KnownValues): ResolvedResource;
  /** Each property by itself, for plans: what is not known yet does not hide the rest. @throws TemplateError */
  inspect(values: KnownValues): { readonly [name: string]: InspectedProperty };
  /** What changing a property takes; properties the type does not know are replaced for. */
  updateRule(property: string): UpdateRule;
  /** An attribute of a computed vertex or of a stack (its outputs, its members). @throws NotYetKnown, TemplateError */
  attribute(name: string, components: readonly Plain[], values: KnownValues): Plain;
  /** Whether the resource stops at a hook (`pre-create`, `post-update` ...). */
  hasHook(hook: string): boolean;
  /** Actions that the environment forbids on it. */
  readonly restrictedActions: readonly string[];
}

export interface OutputView {
  readonly name: string;
  readonly description: string;
  /** @throws NotYetKnown, TemplateError */
  value(values: KnownValues): Plain;
}

/** One stack of the tree, the root or a nested one, as the API shows it. */
export interface StackView {
  readonly path: string;
  /** Vertex of the parent stack this one is inside of; undefined for the root. */
  readonly vertex: string | undefined;
  readonly depth: number;
  readonly description: string;
  /** Vertex paths in the template's order. */
  readonly resources: readonly string[];
  /** Template as data; the order of its keys matters, so store it as text. */
  readonly template: { readonly [key: string]: Plain };
  readonly environment: { readonly [key: string]: Plain };
  readonly outputs: ReadonlyMap<string, OutputView>;
  /** Values of its parameters; hidden ones too. @throws NotYetKnown, TemplateError */
  parameters(values: KnownValues): { readonly [name: string]: Plain };
  readonly hiddenParameters: readonly string[];
}

export interface Graph {
  readonly stacks: ReadonlyMap<string, StackView>;
  readonly vertices: ReadonlyMap<string, Vertex>;
}
