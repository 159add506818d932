// What Heat's preview of an update answers: definitions compared one by one, resource names only.
import { TemplateError } from '../errors.ts';
import type { Evaluation } from '../evaluation.ts';
import { resolve, type Snippet } from '../fn/fn.ts';
import { givenProperties, propertySchemata } from '../graph.ts';
import { Properties } from '../property/properties.ts';
import type { ResourceNode, StackScope } from '../stack.ts';
import { type Dict, equal, type Value } from '../value/index.ts';

export interface Preview {
  readonly added: readonly string[];
  readonly deleted: readonly string[];
  readonly updated: readonly string[];
  readonly replaced: readonly string[];
  readonly unchanged: readonly string[];
}

/** A stack with the values under which it is read. */
export interface State {
  readonly stack: StackScope;
  readonly evaluation: Evaluation;
}

const stackKinds = new Set(['template', 'group', 'chain', 'deployments', 'scaling', 'instances']);

/** A definition with all functions computed, as data. */
function frozen({ evaluation }: State, node: ResourceNode): Value {
  const { definition } = node;
  const section = (snippet: Snippet | undefined): Value =>
    snippet === undefined ? null : resolve(snippet, evaluation);
  return [
    definition.type,
    definition.properties === undefined || node.kind === 'none' ? null : givenProperties(node, evaluation),
    section(definition.metadata),
    definition.deletionPolicy ?? null,
    section(definition.updatePolicy),
    definition.depends === undefined ? null : [...definition.depends],
    section(definition.externalId),
    definition.condition,
  ];
}

/** Properties as the resource would read them; one that cannot be read is undefined. */
function read(state: State, node: ResourceNode): Map<string, Value | undefined> {
  const given = givenProperties(node, state.evaluation);
  const schemata = propertySchemata(state.stack, node, state.evaluation);
  if (!schemata) return new Map([...given].map(([key, value]) => [String(key), value]));
  const properties = new Properties(schemata, given, state.evaluation, undefined);
  return new Map(
    [...schemata.keys()].map((name) => {
      try {
        return [name, properties.get(name)];
      } catch (cause) {
        if (cause instanceof TemplateError) return [name, undefined];
        throw cause;
      }
    }),
  );
}

/** Names of the properties that differ. */
function changedProperties(before: Map<string, Value | undefined>, after: Map<string, Value | undefined>): string[] {
  return [...after.keys()].filter((name) => {
    const was = before.get(name) ?? null;
    const will = after.get(name);
    return will === undefined || !before.has(name) || !equal(was, will);
  });
}

/** Servers are replaced for a change whose update policy says so. */
function replacedByPolicy(node: ResourceNode, changed: readonly string[], properties: Dict): boolean {
  if (node.type !== 'OS::Nova::Server') return false;
  return ['image', 'flavor'].some(
    (name) => changed.includes(name) && properties.get(`${name}_update_policy`) === 'REPLACE',
  );
}

type Verdict = 'updated' | 'replaced' | 'unchanged';

function verdict(before: State, after: State, name: string): Verdict {
  const old = before.stack.node(name);
  const next = after.stack.node(name);
  if (old.kind !== next.kind || (old.kind === 'plain' && old.type !== next.type)) return 'replaced';
  if (next.kind === 'none') return 'unchanged';
  const was = read(before, old);
  const will = read(after, next);
  const changed = changedProperties(was, will);
  const isStack = stackKinds.has(next.kind);
  if (!isStack && changed.length === 0 && equal(frozen(before, old), frozen(after, next))) return 'unchanged';
  const schemata = propertySchemata(after.stack, next, after.evaluation);
  const refused = changed.filter((property) => schemata?.get(property)?.immutable).sort();
  if (refused.length > 0)
    throw new TemplateError(
      'NotSupported',
      `Update to properties ${refused.join(', ')} of ${name} (${next.definition.type}) is not supported.`,
    );
  if (schemata && changed.some((property) => !schemata.get(property)?.updateAllowed)) return 'replaced';
  return replacedByPolicy(next, changed, givenProperties(next, after.evaluation)) ? 'replaced' : 'updated';
}

/**
 * Compares two states of one stack, not looking into nested ones (a nested stack always counts as updated).
 * @throws TemplateError NotSupported for a change to an immutable property
 */
export function previewUpdate(before: State, after: State): Preview {
  const names = (verdictWanted: Verdict) =>
    [...verdicts]
      .filter(([, found]) => found === verdictWanted)
      .map(([name]) => name)
      .sort();
  const old = [...before.stack.definitions.keys()];
  const next = [...after.stack.definitions.keys()];
  const verdicts = new Map(
    next.filter((name) => before.stack.hasResource(name)).map((name) => [name, verdict(before, after, name)]),
  );
  return {
    added: next.filter((name) => !before.stack.hasResource(name)).sort(),
    deleted: old.filter((name) => !after.stack.hasResource(name)).sort(),
    updated: names('updated'),
    replaced: names('replaced'),
    unchanged: names('unchanged'),
  };
}

/**
 * Refuses new values for parameters declared immutable.
 * @throws TemplateError ImmutableParameterModified naming them
 */
export function checkImmutable(before: State, after: State): void {
  const modified: string[] = [];
  for (const [name, parameter] of after.stack.parameters.declared) {
    const old = before.stack.parameters.declared.get(name);
    if (!old || parameter.schema.immutable !== true) continue;
    const given = parameter.user(after.evaluation);
    const next = given === null ? parameter.value(after.evaluation) : given;
    if (!equal(old.value(before.evaluation), next)) modified.push(name);
  }
  if (modified.length > 0)
    throw new TemplateError(
      'ImmutableParameterModified',
      `The following parameters are immutable and may not be updated: ${modified.join(', ')}`,
    );
}
