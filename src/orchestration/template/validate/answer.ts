// What `POST /validate` answers: the parameters of a template and of what is nested in it.
import type { Evaluation } from '../evaluation.ts';
import { GroupChild } from '../expand/group.ts';
import { TemplateChild } from '../expand/template-resource.ts';
import type { Parameter } from '../parameter/parameter.ts';
import { isHidden } from '../parameter/schema.ts';
import type { StackScope } from '../stack.ts';
import { type Dict, type Key, truthy, type Value } from '../value/index.ts';
import { parameterGroups } from './groups.ts';

const apiTypes = {
  string: 'String',
  number: 'Number',
  list: 'CommaDelimitedList',
  map: 'Json',
  boolean: 'Boolean',
} as const;

function constraintEntries(parameter: Parameter): [string, Value][] {
  const entries: [string, Value][] = [];
  const descriptions: string[] = [];
  const add = (key: string, value: Value | undefined) => {
    if (value !== undefined) entries.push([key, value]);
  };
  for (const constraint of parameter.schema.constraints) {
    if (constraint.description) descriptions.push(constraint.description);
    switch (constraint.kind) {
      case 'length':
        add('MinLength', constraint.min);
        add('MaxLength', constraint.max);
        break;
      case 'range':
        add('MinValue', constraint.min);
        add('MaxValue', constraint.max);
        break;
      case 'modulo':
        add('Step', constraint.step);
        add('Offset', constraint.offset);
        break;
      case 'allowedValues':
        add('AllowedValues', [...constraint.allowed]);
        break;
      case 'allowedPattern':
        add('AllowedPattern', constraint.pattern);
        break;
      case 'custom':
        add('CustomConstraint', constraint.name);
        break;
      default:
        constraint satisfies never;
    }
  }
  if (descriptions.length > 0) entries.push(['ConstraintDescription', descriptions.join(' ')]);
  return entries;
}

function describe(parameter: Parameter, evaluation: Evaluation): Dict {
  const { schema } = parameter;
  const answer = new Map<Key, Value>([
    ['Type', apiTypes[schema.kind]],
    ['Description', truthy(schema.description) ? schema.description : ''],
    ['NoEcho', isHidden(schema) ? 'true' : 'false'],
    ['Label', truthy(schema.label) ? schema.label : parameter.name],
  ]);
  if (parameter.default !== null) answer.set('Default', parameter.default);
  const value = parameter.user(evaluation);
  if (truthy(value)) answer.set('Value', value);
  if (truthy(schema.tags)) answer.set('Tags', schema.tags);
  for (const [key, item] of constraintEntries(parameter)) answer.set(key, item);
  return answer;
}

function describeParameters(stack: StackScope, evaluation: Evaluation): Dict {
  return new Map(
    [...stack.parameters.declared.values()].map((parameter) => [parameter.name, describe(parameter, evaluation)]),
  );
}

/** Parameters of nested stacks by the resource they are in; empty when there are none. @throws TemplateError of the first that cannot be expanded */
function nestedParameters(stack: StackScope, evaluation: Evaluation): [string, Value][] {
  const nested = new Map<Key, Value>();
  for (const name of stack.definitions.keys()) {
    const child = stack.child(name);
    if (!child) continue;
    if (child instanceof TemplateChild && child.missing) throw child.missing;
    const state = child instanceof GroupChild ? (child.sample(evaluation) ?? child.state) : child.state;
    if (state.kind === 'fault') throw state.cause;
    if (state.kind === 'deferred') throw state.waitsFor;
    const { scope } = state;
    const groups = parameterGroups(scope.template);
    nested.set(
      name,
      new Map<Key, Value>([
        ['Type', stack.node(name).definition.type],
        ['Description', scope.template.description],
        ['Parameters', describeParameters(scope, evaluation)],
        ...(groups === null ? [] : [['ParameterGroups', groups] as const]),
        ...nestedParameters(scope, evaluation),
      ]),
    );
  }
  return nested.size > 0 ? [['NestedParameters', nested]] : [];
}

/** The body of the answer to `POST /validate`. */
export function validateAnswer(stack: StackScope, evaluation: Evaluation, showNested: boolean): Dict {
  const groups = parameterGroups(stack.template);
  const answer = new Map<Key, Value>([
    ['Description', stack.template.description],
    ['Parameters', describeParameters(stack, evaluation)],
    ...(groups === null ? [] : [['ParameterGroups', groups] as const]),
    ...(showNested ? nestedParameters(stack, evaluation) : []),
  ]);
  answer.set('Environment', stack.options.environment.toDict());
  return answer;
}
