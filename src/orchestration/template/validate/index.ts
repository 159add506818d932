// Checking templates: before a stack is created, and for `POST /validate`.
import type { Context } from '../context.ts';
import { type ErrorType, errorCodes, limitExceeded, TemplateError, validationFailed } from '../errors.ts';
import { Evaluation, nothingKnown } from '../evaluation.ts';
import type { StackScope } from '../stack.ts';
import { buildTree, type TreeInput } from '../tree.ts';
import { type Dict, isDict, repr } from '../value/index.ts';
import { validateAnswer } from './answer.ts';
import { validateStack } from './stack.ts';

/** Checks the overall form. @throws TemplateError StackValidationFailed */
function checkForm(stack: StackScope, context: Context): void {
  const limit = context.limits.resourcesPerStack;
  const resources = stack.template.section('resources');
  try {
    stack.template.validate();
  } catch (cause) {
    if (cause instanceof TemplateError) throw validationFailed(cause.message, { cause });
    throw cause;
  }
  if (limit >= 0 && isDict(resources) && resources.size > limit)
    throw limitExceeded('Maximum resources per stack exceeded.');
}

/** @throws TemplateError of the first fault that would refuse the creation of a stack */
export function checkCreate(input: TreeInput, context: Context): void {
  const evaluation = new Evaluation(nothingKnown, true);
  const stack = buildTree(input, context, evaluation);
  checkForm(stack, context);
  validateStack(stack, evaluation, { values: true, templateOnly: false });
}

export interface ValidateOptions {
  readonly showNested?: boolean;
  /** Codes of errors that are no reason to refuse the template. */
  readonly ignoreErrors?: readonly string[];
}

/** The kinds of errors that codes stand for. @throws TemplateError ValueError naming the codes that nothing has */
function ignoredErrors(codes: readonly string[]): ReadonlySet<ErrorType> {
  const unknown = codes.filter((code) => code !== errorCodes.ResourceTypeUnavailable);
  if (unknown.length > 0)
    throw new TemplateError(
      'ValueError',
      `Invalid codes in ignore_errors : [${unknown.map((code) => repr(code)).join(', ')}]`,
    );
  return new Set(codes.length > 0 ? ['ResourceTypeUnavailable'] : []);
}

/**
 * What `POST /validate` answers.
 * @throws TemplateError StackValidationFailed for a fault in the template, ValueError for an unknown code to ignore
 */
export function checkTemplate(input: TreeInput, context: Context, options: ValidateOptions = {}): Dict {
  const ignored = ignoredErrors(options.ignoreErrors ?? []);
  const evaluation = new Evaluation(nothingKnown, true);
  const stack = buildTree(input, context, evaluation);
  try {
    checkForm(stack, context);
  } catch (cause) {
    if (cause instanceof TemplateError) throw validationFailed(cause.message, { cause });
    throw cause;
  }
  validateStack(stack, evaluation, { values: false, templateOnly: true, ignored });
  return validateAnswer(stack, evaluation, options.showNested ?? false);
}
