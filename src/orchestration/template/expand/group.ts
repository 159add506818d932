// Resources that stand for several of a kind: ResourceGroup, ResourceChain and the deployment groups.
import { invalidAttribute, limitExceeded, NotYetKnown, notFound, TemplateError, valueError } from '../errors.ts';
import type { Evaluation } from '../evaluation.ts';
import { type AttributePath, Fn, resolve, resolveNullable, type Snippet, type SnippetMap } from '../fn/fn.ts';
import { selectFrom } from '../fn/references.ts';
import { Parameters } from '../parameter/parameters.ts';
import { type ResourceNode, StackScope } from '../stack.ts';
import { Template } from '../template.ts';
import { type Absent, absent, type Dict, isDict, type Key, str, truthy, type Value } from '../value/index.ts';
import { own } from '../value/own.ts';
import type { Child, ChildState } from './child.ts';
import { nestedAttribute, splitAtMost } from './template-resource.ts';

/** One resource inside a group, as template data; properties not known yet stay calls into the parent. */
export interface Member {
  readonly type: Value;
  readonly properties: SnippetMap | undefined;
  readonly metadata: Value;
  readonly dependsOn?: readonly string[];
}

/** What tells one kind of group from another. */
export interface GroupForm {
  /** Names of the members in order. @throws TemplateError, NotYetKnown */
  names(evaluation: Evaluation): string[];
  member(name: string, index: number, evaluation: Evaluation): Member;
  /** Attributes that are the group's own, not lists of its members'. */
  readonly own: readonly string[];
  /** Names of removed members that are never used again. */
  removed(evaluation: Evaluation): string[];
  /** What a member is asked for when the group is asked for `key`. */
  memberAttribute(key: string): string;
  /** Attribute that asks for a map of the members' attributes. */
  readonly mapKey: string;
  /** Attribute that asks for a list of them. */
  readonly listKey?: string;
  /** Attribute that tells how many members there are. */
  readonly sizeKey?: string;
  /** One member stands for all when the group is checked. */
  readonly checksFirst: boolean;
  /** All attributes read as maps of the members' (deployment groups). */
  readonly maps: boolean;
  /** The output that always maps members to their references. */
  readonly references?: 'refs_map' | 'references';
  /** The output, a map of the members' attributes, that serves an attribute asked of the group; without this function outputs are lists. */
  memberMap?(
    key: string,
    path: readonly Value[],
  ): { readonly label: string; readonly path: readonly Value[] } | undefined;
  /** Attributes that join one of the members' with commas. */
  readonly joined?: Readonly<Record<string, string>>;
  /** `resource.N` counts members instead of naming one. */
  readonly indexed?: true;
  /** Types that only the members know, by what they stand for. */
  readonly registry?: Dict;
}

/** A property of a member whose value is not known while the tree is built. */
export class Delayed extends Fn {
  private readonly source: (evaluation: Evaluation) => Value | Absent;
  constructor(name: string, source: (evaluation: Evaluation) => Value | Absent) {
    super(undefined, name, null);
    this.source = source;
  }
  override result(evaluation: Evaluation): Value | Absent {
    return this.source(evaluation);
  }
}

/** Computes each property now where that can be, else when it is asked for. Null values are left out when `clean`. */
export function memberProperties(
  source: Snippet,
  transform: (value: Value) => Value,
  clean: boolean,
  evaluation: Evaluation,
): SnippetMap {
  const whole = source instanceof Map ? source : resolve(source, evaluation);
  const result: SnippetMap = new Map();
  if (!(whole instanceof Map)) return result;
  for (const [key, snippet] of whole) {
    const compute = (live: Evaluation): Value | Absent => {
      const value = resolveNullable(snippet, live);
      if (value === absent || (clean && value === null)) return absent;
      return transform(value);
    };
    const name = transform(key);
    const target: Key = isDict(name) || Array.isArray(name) ? key : name;
    try {
      const value = compute(evaluation);
      if (value !== absent) result.set(target, value);
    } catch (cause) {
      if (!(cause instanceof NotYetKnown)) throw cause;
      result.set(target, new Delayed(str(target), compute));
    }
  }
  return result;
}

const hasCalls = (snippet: Snippet): boolean =>
  snippet instanceof Fn ||
  (Array.isArray(snippet)
    ? snippet.some(hasCalls)
    : snippet instanceof Map
      ? [...snippet.values()].some(hasCalls)
      : false);

function data(snippet: Snippet): Value {
  if (snippet instanceof Fn || snippet === absent) return null;
  if (Array.isArray(snippet)) return snippet.map(data);
  if (snippet instanceof Map) return new Map([...snippet].map(([key, item]) => [key, data(item)]));
  return snippet;
}

export class GroupChild implements Child {
  readonly state: ChildState;
  private readonly stack: StackScope;
  private readonly node: ResourceNode;
  private readonly form: GroupForm;

  constructor(stack: StackScope, node: ResourceNode, form: GroupForm) {
    this.stack = stack;
    this.node = node;
    this.form = form;
    this.state = this.expand(stack.options.evaluation, (names) => names);
  }

  /** The group with its first member alone, which is what checks look at; undefined for an empty group. @throws TemplateError */
  sample(evaluation: Evaluation): ChildState | undefined {
    const names = this.form.names(evaluation);
    if (names.length === 0 && this.form.checksFirst) return undefined;
    return names.length > 1 && this.form.checksFirst
      ? this.expand(evaluation, ([first]) => (first === undefined ? [] : [first]))
      : this.state;
  }

  private expand(evaluation: Evaluation, choose: (names: readonly string[]) => readonly string[]): ChildState {
    const { context, depth, environment, name } = this.stack.options;
    try {
      const delayed = new Map<string, SnippetMap>();
      const resources = new Map<Key, Value>();
      const names = choose(this.form.names(evaluation));
      context.tally.add(names.length, context.limits);
      names.forEach((member, index) => {
        const { type, properties, metadata, dependsOn } = this.form.member(member, index, evaluation);
        const definition = new Map<Key, Value>([['type', type]]);
        if (properties) {
          definition.set('properties', data(properties));
          if (hasCalls(properties)) delayed.set(member, properties);
        }
        if (metadata !== null) definition.set('metadata', metadata);
        if (dependsOn) definition.set('depends_on', [...dependsOn]);
        resources.set(member, definition);
      });
      if (depth >= context.limits.nestedDepth)
        throw limitExceeded(`Recursion depth exceeds ${context.limits.nestedDepth}.`);
      const template = new Template(
        new Map<Key, Value>([
          ['heat_template_version', '2015-04-30'],
          ['resources', resources],
          ['outputs', this.outputs(names, evaluation)],
        ]),
      );
      const path = this.stack.pathOf(this.node.definition.name);
      const identity = { ...context.identity, name: `${name}-${this.node.definition.name}` };
      const inside = environment.child(this.node.definition.name, undefined);
      if (this.form.registry) inside.registry.load(this.form.registry);
      const scope = new StackScope({
        context,
        path,
        name: identity.name,
        depth: depth + 1,
        template,
        environment: inside,
        parameters: new Parameters(new Map(), template.language.dialect, identity, new Map(), inside.parameterDefaults),
        files: this.stack.files,
        parent: this.stack,
        facade: undefined,
        evaluation,
        properties: delayed,
      });
      void scope.definitions;
      return { kind: 'expanded', scope };
    } catch (cause) {
      if (cause instanceof NotYetKnown) return { kind: 'deferred', waitsFor: cause };
      if (cause instanceof TemplateError) return { kind: 'fault', cause };
      throw cause;
    }
  }

  /** One output for each attribute that the parent stack asks of the group, so that it shows what it passes on. */
  private outputs(names: readonly string[], evaluation: Evaluation): Dict {
    const outputs = new Map<Key, Value>();
    const output = (name: string, value: Value) => outputs.set(name, new Map([['value', value]]));
    const get = (member: string, path: readonly Value[]): Value => new Map([['get_attr', [member, ...path]]]);
    const ref = (member: string): Value => new Map([['get_resource', member]]);
    const map = (each: (member: string) => Value): Value => new Map(names.map((member) => [member, each(member)]));
    for (const [key, ...path] of this.stack.askedAttributes(this.node.definition.name, evaluation)) {
      const label = [key, ...path].map(str).join(', ');
      if (this.form.memberMap) {
        const served = this.form.memberMap(key, path);
        if (served)
          output(
            served.label,
            map((member) => get(member, served.path)),
          );
      } else if (key.startsWith('resource.')) {
        const [, member = '', ...rest] = splitAtMost(key, 3);
        const inner = [...rest, ...path];
        if (inner.length > 0 && names.includes(member)) output(label, get(member, inner));
        else if (inner.length === 0 && !this.form.own.includes('refs_map') && names.includes(member))
          output(label, ref(member));
      } else if (key === 'refs') output(this.form.own.includes('refs_map') ? 'refs' : label, names.map(ref));
      else if (key === 'attributes') {
        if (path.length > 0)
          output(
            label,
            map((member) => get(member, path)),
          );
      } else if (!this.form.own.includes(key))
        output(
          label,
          names.map((member) => get(member, [key, ...path])),
        );
    }
    if (this.form.references) output(this.form.references, map(ref));
    return outputs;
  }

  parameters(): Dict {
    const { registry } = this.form;
    return registry
      ? new Map([
          ['parameters', new Map()],
          ['resource_registry', registry],
        ])
      : new Map();
  }

  attributeNames(): readonly string[] {
    return this.form.own;
  }

  attribute(path: AttributePath, evaluation: Evaluation): Value {
    const [key, ...components] = path;
    const { name } = this.node.definition;
    if (this.state.kind === 'deferred') throw this.state.waitsFor;
    if (key === 'removed_rsrc_list' && this.form.own.includes(key)) return this.form.removed(evaluation);
    if ((key === this.form.mapKey || key === this.form.listKey) && components.length === 0)
      throw invalidAttribute(name, key);
    if (key.startsWith('resource.')) return this.insideAttribute(path, evaluation);
    if (this.state.kind === 'fault') {
      this.form.names(evaluation);
      return null;
    }
    const { scope } = this.state;
    const members = [...scope.definitions.keys()];
    if (this.form.maps) {
      const attribute = this.form.memberAttribute(key);
      return selectFrom(
        new Map(members.map((member) => [member, scope.attribute(member, [attribute], evaluation)])),
        components,
      );
    }
    if (key === 'refs')
      return selectFrom(
        members.map((member) => scope.reference(member, evaluation)),
        components,
      );
    if (key === 'refs_map' && this.form.own.includes(key))
      return new Map(members.map((member) => [member, scope.reference(member, evaluation)]));
    if (key === this.form.sizeKey) return members.length;
    const joined = own(this.form.joined ?? {}, key);
    if (joined !== undefined) {
      const parts = members.map((member) => scope.attribute(member, [joined], evaluation));
      return parts.length === 0 ? null : parts.map((part) => (truthy(part) ? str(part) : '0.0.0.0')).join(',');
    }
    if (key === this.form.listKey) {
      const [first = null, ...rest] = components;
      return members.map((member) => scope.attribute(member, [str(first), ...rest], evaluation));
    }
    if (key === this.form.mapKey) {
      const [first = null, ...rest] = components;
      return new Map(members.map((member) => [member, scope.attribute(member, [str(first), ...rest], evaluation)]));
    }
    return members.map((member) => scope.attribute(member, path, evaluation));
  }

  private insideAttribute(path: AttributePath, evaluation: Evaluation): Value {
    const [key, ...components] = path;
    if (this.state.kind !== 'expanded') return null;
    const { scope } = this.state;
    const [, named = '', ...rest] = splitAtMost(key, 3);
    const member = this.form.indexed ? ([...scope.definitions.keys()].at(Number(named)) ?? named) : named;
    if (this.form.indexed && scope.hasResource(member))
      return nestedAttribute(scope, ['resource', member, ...rest].join('.'), components, evaluation);
    if (scope.hasResource(member)) return nestedAttribute(scope, key, components, evaluation);
    if (rest.length === 0 && components.length === 0)
      throw notFound(`Member '${member}' not found in group resource '${this.node.definition.name}'.`);
    return null;
  }
}

/** Python's islice refuses a negative count. */
export function checkCount(count: Value): number {
  const number = Number(count);
  if (!(number >= 0)) throw valueError('Stop argument for islice() must be None or an integer: 0 <= x <= sys.maxsize.');
  // Far beyond what any deployment holds: a mistyped count must not fill the memory.
  if (number > 1_000_000) throw limitExceeded('Maximum resources per stack exceeded.');
  return number;
}
