// The template language: template, environment and files in, a graph, checks and differences out. Pure: no I/O, no clock.
import type { Graph, KnownValues } from '../graph/index.ts';
import { type Change, diffGraphs } from './diff/diff.ts';
import { Evaluation, nothingKnown } from './evaluation.ts';
import { liveValues, toGraph } from './graph.ts';
import { buildTree, contextOf, type TreeInput, type TreeSettings } from './tree.ts';

export { TemplateCache } from './context.ts';
export { type Change, type ChangeKind, diffGraphs, inOrder, type PropertyChange, samePlain } from './diff/diff.ts';
export { readEnvironment } from './environment/format.ts';
export { type ErrorType, NotYetKnown, TemplateError } from './errors.ts';
export { templateVersions } from './language.ts';
export type { CustomConstraints } from './parameter/constraints.ts';
export type { StackIdentity } from './parameter/parameters.ts';
export type { ConstraintData, PropertyData, PropertyType } from './property/schema.ts';
export type {
  AttributeData,
  ResourceTypeData,
  ResourceTypeLibrary,
  RuleSubject,
  SupportStatus,
  TypeRules,
} from './resource-type.ts';
export { defaultLimits, type Limits } from './scope.ts';
export type { TreeInput, TreeSettings } from './tree.ts';
export type { Plain } from './value/index.ts';

/**
 * Expands a template with all that is nested in it into one graph.
 * Values known so far shape it: what still hangs on unknown ones becomes deferred vertices; expand again when they arrive.
 * @throws TemplateError with Heat's type, HTTP status and text
 */
export function expand(input: TreeInput, settings: TreeSettings, values?: KnownValues): Graph {
  const context = contextOf(settings);
  const evaluation = new Evaluation(values ? liveValues(values) : nothingKnown);
  const root = buildTree(input, context, evaluation);
  root.template.validate();
  root.parameters.validate(evaluation, true, context.customs);
  return toGraph(root);
}

/**
 * Expands the new state of a stack and compares it with the old graph. Resources that are added or replaced answer
 * nothing yet, so whatever hangs on them is expanded and compared as not known.
 * @param values what the resources of the old graph answer
 * @throws TemplateError as `expand` does, and NotSupported for a change to an immutable property
 */
export function expandUpdate(
  before: Graph,
  input: TreeInput,
  settings: TreeSettings,
  values: KnownValues,
): { graph: Graph; changes: ReadonlyMap<string, Change> } {
  let gone = new Set<string>();
  for (;;) {
    const known: KnownValues = {
      reference: (path) => (gone.has(path) ? undefined : values.reference(path)),
      attribute: (path, name, components) => (gone.has(path) ? undefined : values.attribute(path, name, components)),
    };
    const graph = expand(input, settings, known);
    const changes = diffGraphs(before, graph, values);
    const fresh = [...changes.values()]
      .filter(({ kind }) => kind === 'added' || kind === 'replaced')
      .map(({ path }) => path);
    if (fresh.every((path) => gone.has(path))) return { graph, changes };
    gone = new Set([...gone, ...fresh]);
  }
}
