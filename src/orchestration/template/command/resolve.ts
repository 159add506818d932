// The answer to a `resolve` job: everything a template comes to under given attribute values.

import { dependenciesOf } from '../definition.ts';
import { NotYetKnown, TemplateError } from '../errors.ts';
import type { Evaluation } from '../evaluation.ts';
import { resolve, resolveNullable, type Snippet, validate } from '../fn/fn.ts';
import type { ResourceNode, StackScope } from '../stack.ts';
import { absent, compareText, Float, floatText, isDict, str, toPlain, type Value } from '../value/index.ts';

export type Answer = { [key: string]: unknown };

/** An error as answers carry it. */
export function errorAnswer(cause: unknown): Answer {
  if (cause instanceof TemplateError) {
    // Which circle is found first is chance to other implementations: answers name the kind of fault only.
    const message = cause.type === 'CircularDependencyException' ? 'Circular Dependency Found' : cause.message;
    return { type: cause.type, message, http: cause.http };
  }
  if (cause instanceof NotYetKnown) return { type: 'NotYetKnown', message: cause.message, http: 500 };
  throw cause;
}

/** A value, or its error in its place. */
export function valueOrError(compute: () => Value): unknown {
  try {
    return plain(compute());
  } catch (cause) {
    return { $error: errorAnswer(cause) };
  }
}

/** Plain data in which numbers that JSON lacks are marked. */
export function plain(value: Value): unknown {
  if (value instanceof Float && !Number.isFinite(value.value)) return { $float: floatText(value.value) };
  if (Array.isArray(value)) return value.map(plain);
  if (isDict(value)) return Object.fromEntries([...value].map(([key, item]) => [str(key), plain(item)]));
  return toPlain(value);
}

function section(snippet: Snippet | undefined, evaluation: Evaluation): Answer | undefined {
  if (snippet === undefined || snippet === null) return undefined;
  if (!(snippet instanceof Map)) {
    const value = valueOrError(() => resolve(snippet, evaluation));
    return { $value: value };
  }
  const entries: [string, unknown][] = [];
  for (const [key, item] of snippet) {
    let missing = false;
    const value = valueOrError(() => {
      const computed = resolveNullable(item, evaluation);
      missing = computed === absent;
      return computed === absent ? null : computed;
    });
    if (!missing) entries.push([str(key), value]);
  }
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

function resource(stack: StackScope, node: ResourceNode, evaluation: Evaluation): Answer {
  const { definition } = node;
  const answer: Answer = { type: definition.type };
  if (node.entry === undefined) answer.unknown = true;
  else if (node.entry.kind === 'template') answer.template = node.entry.value;
  else if (node.entry.name !== definition.type) answer.maps_to = node.entry.name;
  const parts = [
    ['properties', definition.properties],
    ['metadata', definition.metadata],
    ['update_policy', definition.updatePolicy],
  ] as const;
  for (const [key, snippet] of parts) {
    const value = section(snippet, evaluation);
    if (value !== undefined) answer[key] = '$value' in value ? value.$value : value;
  }
  if (definition.deletionPolicy !== undefined && definition.deletionPolicy !== 'Delete')
    answer.deletion_policy = definition.deletionPolicy;
  if (definition.externalId !== undefined) {
    const { externalId } = definition;
    answer.external_id = valueOrError(() => resolve(externalId, evaluation));
  }
  const requires = dependenciesOf(definition, stack, evaluation).sort(compareText);
  if (requires.length > 0) answer.requires = requires;
  const child = stack.child(definition.name);
  if (child) {
    if (child.state.kind === 'expanded') {
      const { scope } = child.state;
      const parameters = child.parameters(evaluation);
      try {
        const nested = stackAnswer(scope, evaluation);
        answer.nested = nested;
        answer.child_params = plain(parameters);
      } catch (cause) {
        answer.nested_error = errorAnswer(cause);
      }
    } else answer.nested_error = errorAnswer(child.state.kind === 'fault' ? child.state.cause : child.state.waitsFor);
  }
  return answer;
}

/** Parameters, resources and outputs of one stack and all below it. */
export function stackAnswer(stack: StackScope, evaluation: Evaluation): Answer {
  const answer: Answer = {};
  const resources: [string, Answer][] = [];
  for (const name of stack.definitions.keys()) resources.push([name, resource(stack, stack.node(name), evaluation)]);
  const outputs: [string, unknown][] = [];
  for (const output of stack.outputs.values()) {
    if (output.disabled) outputs.push([output.name, null]);
    else {
      outputs.push([
        output.name,
        valueOrError(() => {
          validate(output.value, evaluation, ['Value']);
          return stack.output(output.name, evaluation);
        }),
      ]);
    }
  }
  answer.parameters = parameterAnswer(stack, evaluation);
  answer.resources = Object.fromEntries(resources);
  if (outputs.length > 0) answer.outputs = Object.fromEntries(outputs);
  const conditions = stack.conditions.names();
  if (conditions.length > 0) {
    answer.conditions = Object.fromEntries(
      conditions.map((name) => [name, valueOrError(() => stack.condition(name, evaluation))]),
    );
  }
  if (stack.disabled.length > 0) answer.disabled = [...stack.disabled].sort(compareText);
  return answer;
}

/** Values of the declared parameters. */
export function parameterAnswer(stack: StackScope, evaluation: Evaluation): Answer {
  return Object.fromEntries(
    [...stack.parameters.declared.values()].map((parameter) => [
      parameter.name,
      valueOrError(() => parameter.value(evaluation)),
    ]),
  );
}
