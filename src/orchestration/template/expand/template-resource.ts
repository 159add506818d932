// A resource that stands for a template of its own: its parameters are properties, its outputs attributes.

import type { RegistryEntry } from '../environment/registry.ts';
import {
  attributeError,
  invalidAttribute,
  limitExceeded,
  NotYetKnown,
  notFound,
  TemplateError,
  typeError,
} from '../errors.ts';
import type { Evaluation } from '../evaluation.ts';
import { type AttributePath, resolve } from '../fn/fn.ts';
import { selectFrom } from '../fn/references.ts';
import type { Given } from '../parameter/parameter.ts';
import { Parameters } from '../parameter/parameters.ts';
import { entries, Properties } from '../property/properties.ts';
import { type PropertySchema, propertyOfParameter } from '../property/schema.ts';
import { propertyValue } from '../property/value.ts';
import { type ResourceNode, StackScope } from '../stack.ts';
import { Template } from '../template.ts';
import { type Dict, isDict, type Key, str, truthy, typeName, type Value } from '../value/index.ts';
import type { Child, ChildState } from './child.ts';

/** The form in which a list parameter travels: comma-joined, maps in it flattened to `.member.N.key=value`. */
function wireList(list: readonly Value[]): string {
  const [first] = list;
  if (first === undefined) return '';
  if (isDict(first)) {
    return list
      .flatMap((item, index) => {
        if (!isDict(item)) throw attributeError(`'${typeName(item)}' object has no attribute 'items'`);
        return [...item].map(([key, value]) => `.member.${index}.${str(key)}=${str(value)}`);
      })
      .join(',');
  }
  return list
    .map((item, index) => {
      if (item === null) return '';
      if (typeof item !== 'string')
        throw typeError(`sequence item ${index}: expected str instance, ${typeName(item)} found`);
      return item;
    })
    .join(',');
}

/** The text of a nested template. @throws TemplateError NotFound */
export function templateText(stack: StackScope, entry: RegistryEntry): string {
  const text = stack.files.get(entry.value);
  // An empty file counts as missing, as it does to the server.
  if (text !== undefined && text !== '') return text;
  if (text === undefined || truthy(entry.value))
    throw notFound(
      `Could not fetch remote template "${entry.value}": ${stack.options.context.notFetched(entry.value)}`,
    );
  return text;
}

export class TemplateChild implements Child {
  readonly state: ChildState;
  readonly schemata: ReadonlyMap<string, PropertySchema>;
  /** Why there is no template; its parameters are then unknown. */
  readonly missing: TemplateError | undefined;
  private readonly stack: StackScope;
  private readonly node: ResourceNode;
  private readonly entry: RegistryEntry;

  constructor(stack: StackScope, node: ResourceNode, entry: RegistryEntry) {
    this.stack = stack;
    this.node = node;
    this.entry = entry;
    const { context, environment, evaluation } = stack.options;
    let template: Template | undefined;
    try {
      template = new Template(
        context.templates.read(entry.value, templateText(stack, entry), context.limits.templateBytes),
      );
    } catch (cause) {
      if (!(cause instanceof TemplateError) || (cause.type !== 'NotFound' && cause.type !== 'ValueError')) throw cause;
      this.missing = cause;
    }
    const parameters = template?.parameterSchemata(environment.parameterDefaults) ?? new Map();
    this.schemata = new Map([...parameters].map(([name, schema]) => [name, propertyOfParameter(schema)]));
    this.state = template
      ? this.expand(template, parameters, evaluation)
      : { kind: 'fault', cause: this.missing ?? notFound('') };
  }

  private expand(
    template: Template,
    parameters: ReturnType<Template['parameterSchemata']>,
    evaluation: Evaluation,
  ): ChildState {
    const { context, environment, depth } = this.stack.options;
    try {
      const given = this.given(evaluation);
      if (depth >= context.limits.nestedDepth)
        throw limitExceeded(`Recursion depth exceeds ${context.limits.nestedDepth}.`);
      const { definition } = this.node;
      const stack = this.stack;
      const name = `${stack.options.name}-${definition.name}`;
      const path = stack.pathOf(definition.name);
      const environmentInside = environment.child(definition.name, this.entry);
      const identity = { ...context.identity, name, id: context.identity.id === 'None' ? 'None' : path };
      const scope = new StackScope({
        context,
        path,
        name,
        depth: depth + 1,
        template,
        environment: environmentInside,
        parameters: new Parameters(
          parameters,
          template.language.dialect,
          identity,
          given,
          environmentInside.parameterDefaults,
        ),
        files: stack.files,
        parent: stack,
        facade: {
          metadata: (live) => stack.metadata(definition.name, live),
          updatePolicy: (live) => resolve(definition.updatePolicy ?? new Map(), live),
          deletionPolicy: () => definition.deletionPolicy ?? 'Delete',
        },
        evaluation,
      });
      context.tally.add(scope.definitions.size, context.limits);
      return { kind: 'expanded', scope };
    } catch (cause) {
      if (cause instanceof NotYetKnown) return { kind: 'deferred', waitsFor: cause };
      if (cause instanceof TemplateError) return { kind: 'fault', cause };
      throw cause;
    }
  }

  private data(evaluation: Evaluation) {
    return entries(this.node.definition.properties ?? new Map(), evaluation);
  }

  /** One parameter as it travels; undefined when the parent does not set it. */
  private wire(name: string, evaluation: Evaluation): Value | undefined {
    const schema = this.schemata.get(name);
    if (!schema) return undefined;
    let value: Value | undefined;
    try {
      value = new Properties(this.schemata, this.data(evaluation), evaluation, undefined).given(name);
    } catch (cause) {
      if (!(cause instanceof TemplateError) || cause.type !== 'ValueError') throw cause;
      // Until the stack is created a value of the wrong form is taken as none: the property's own check reports it.
      value = propertyValue(null, schema, undefined);
    }
    if (value === undefined || value === null) return undefined;
    return schema.kind === 'list' && Array.isArray(value) ? wireList(value) : value;
  }

  /** Parameters the parent sets, each computed when asked for. */
  private given(evaluation: Evaluation): Map<string, Given> {
    const given = new Map<string, Given>();
    const data = this.data(evaluation);
    for (const name of this.schemata.keys()) {
      if (!data.has(name)) continue;
      try {
        if (this.wire(name, evaluation) === undefined) continue;
      } catch (cause) {
        if (!(cause instanceof NotYetKnown)) throw cause;
      }
      given.set(name, (live) =>
        live.once(
          this,
          name,
          () => this.wire(name, live) ?? null,
          (value): value is Value => value !== undefined,
        ),
      );
    }
    return given;
  }

  parameters(evaluation: Evaluation): Dict {
    const result: Dict = new Map<Key, Value>();
    for (const name of this.schemata.keys()) {
      const value = this.wire(name, evaluation);
      if (value !== undefined) result.set(name, value);
    }
    return result;
  }

  attributeNames(): readonly string[] {
    return this.state.kind === 'expanded' ? [...this.state.scope.outputs.keys()] : [];
  }

  attribute(path: AttributePath, evaluation: Evaluation): Value {
    const [name, ...components] = path;
    if (this.state.kind === 'deferred') throw this.state.waitsFor;
    if (this.state.kind === 'fault') throw invalidAttribute(this.node.definition.name, name);
    const { scope } = this.state;
    if (name.startsWith('resource.')) {
      const value = nestedAttribute(scope, name, components, evaluation);
      const ofMember = components.length > 0 || splitAtMost(name, 3).length > 2;
      return evaluation.live.simulated && ofMember ? null : value;
    }
    if (!scope.outputs.has(name)) {
      const answered = evaluation.live.attributeNames?.(scope.path).includes(name);
      if (answered) return selectFrom(evaluation.attribute(scope.path, name, components), components);
      throw invalidAttribute(this.node.definition.name, name);
    }
    return selectFrom(scope.output(name, evaluation), components);
  }
}

/** `resource.NAME` or `resource.NAME.ATTRIBUTE`: what lies inside. @throws TemplateError NotFound */
export function nestedAttribute(
  scope: StackScope,
  key: string,
  components: readonly Value[],
  evaluation: Evaluation,
): Value {
  const [, member = '', ...rest] = splitAtMost(key, 3);
  const path = [...rest, ...components];
  if (!scope.hasResource(member))
    throw notFound(`Member '${member}' not found in group resource '${scope.path.split('/').at(-1) ?? ''}'.`);
  const [attribute, ...inner] = path;
  if (attribute === undefined) return scope.reference(member, evaluation);
  return scope.attribute(member, [str(attribute), ...inner], evaluation);
}

/** Splits a key at its dots, into at most so many parts. */
export function splitAtMost(key: string, parts: number): string[] {
  const pieces = key.split('.');
  return pieces.length <= parts ? pieces : [...pieces.slice(0, parts - 1), pieces.slice(parts - 1).join('.')];
}
