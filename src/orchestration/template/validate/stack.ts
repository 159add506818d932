// Checks of a whole stack, in the order in which a server reports faults.
import { checkCycles } from '../cycle.ts';
import { requiredNames } from '../definition.ts';
import { type ErrorType, TemplateError, validationFailed } from '../errors.ts';
import type { Evaluation } from '../evaluation.ts';
import { dependencies, validate } from '../fn/fn.ts';
import type { StackScope } from '../stack.ts';
import { repr } from '../value/index.ts';
import { validateGroups } from './groups.ts';
import { checkOrder } from './order.ts';
import { sectionName, validateResource, validateTemplatePart } from './resource.ts';

/** How far checks go. */
export interface Depth {
  /** Whether values of parameters and properties are checked; without, only their form. */
  readonly values: boolean;
  /** Leaves nested stacks out. */
  readonly templateOnly: boolean;
  /** Resources whose fault is of one of these kinds are passed over. */
  readonly ignored?: ReadonlySet<ErrorType>;
}

/** Errors that Heat passes on as they are; the others it reports as failed validation of the resource. */
const plainTypes = new Set([
  'ValueError',
  'TypeError',
  'KeyError',
  'IndexError',
  'AttributeError',
  'StopIteration',
  'RecursionError',
  'UnicodeEncodeError',
  'error',
]);

function validateResources(stack: StackScope, evaluation: Evaluation, depth: Depth): void {
  const order = checkOrder(stack, evaluation);
  for (const name of order) {
    const node = stack.node(name);
    if (node.definition.externalId !== undefined) continue;
    try {
      if (depth.templateOnly) validateTemplatePart(stack, node, evaluation, depth.values);
      else validateResource(stack, node, evaluation, depth);
    } catch (cause) {
      if (cause instanceof TemplateError && plainTypes.has(cause.type)) {
        throw validationFailed(cause.message, {
          error: cause.type,
          path: [sectionName(stack, stack.template.language.keys.resources), name],
          cause,
        });
      }
      if (!(cause instanceof TemplateError && depth.ignored?.has(cause.type))) throw cause;
    }
  }
  // What is part of a circle comes in no order.
  if (order.length < stack.definitions.size) checkCycles(stack, evaluation);
}

function validateOutputs(stack: StackScope, evaluation: Evaluation): void {
  for (const output of stack.outputs.values()) {
    try {
      validate(output.value, evaluation, ['Value']);
    } catch (cause) {
      if (!(cause instanceof TemplateError) || cause.type !== 'StackValidationFailed') throw cause;
      const { keys } = stack.template.language;
      const [first, ...rest] = cause.path;
      throw validationFailed(cause.reason, {
        error: cause.error,
        path: [keys.outputs, output.name, first === 'Value' ? keys.value : (first ?? ''), ...rest],
        cause,
      });
    }
  }
}

/** Every reference is looked at before the first resource is checked; what outputs refer to may be missing. */
function checkReferences(stack: StackScope, evaluation: Evaluation): void {
  for (const definition of stack.definitions.values()) requiredNames(definition, evaluation);
  for (const output of stack.outputs.values()) {
    try {
      dependencies(output.value, '', evaluation);
    } catch (cause) {
      if (
        !(cause instanceof TemplateError) ||
        (cause.type !== 'InvalidTemplateReference' && cause.type !== 'InvalidTemplateAttribute')
      )
        throw cause;
    }
  }
}

/**
 * Checks a stack that does not exist yet.
 * @param evaluation an initial one: attributes read as null, references as names
 * @throws TemplateError of the first fault
 */
export function validateStack(stack: StackScope, evaluation: Evaluation, depth: Depth): void {
  stack.template.validate();
  stack.parameters.validate(evaluation, depth.values, stack.options.context.customs);
  validateGroups(stack.template, stack.parameters.names());
  stack.conditions.validate(evaluation);
  for (const name of stack.definitions.keys()) {
    const node = stack.node(name);
    if (node.kind === 'template') stack.child(name);
  }
  const twice = stack.parameters.names().filter((name) => stack.definitions.has(name));
  if (twice.length > 0) throw validationFailed(`Duplicate names {${twice.map(repr).join(', ')}}`);
  if (stack.definitions.size > 0) {
    checkReferences(stack, evaluation);
    for (const call of stack.attributeCalls) call.checkAsked(evaluation);
  }
  validateResources(stack, evaluation, depth);
  validateOutputs(stack, evaluation);
}
