// The errors of the template language: Heat's exception names, HTTP statuses and texts in one catalogue.
import { repr } from './value/text.ts';

/** HTTP status that heat-api answers for each kind of error. */
export const statuses = {
  ValueError: 400,
  TypeError: 500,
  KeyError: 500,
  IndexError: 500,
  AttributeError: 400,
  StopIteration: 500,
  RecursionError: 500,
  UnicodeEncodeError: 500,
  ZeroDivisionError: 500,
  OverflowError: 500,
  AssertionError: 500,
  error: 500,
  StackValidationFailed: 400,
  InvalidSchemaError: 400,
  InvalidTemplateVersion: 400,
  InvalidTemplateSection: 400,
  InvalidTemplateReference: 400,
  InvalidTemplateAttribute: 500,
  UserParameterMissing: 400,
  UnknownUserParameter: 400,
  ImmutableParameterModified: 400,
  InvalidMergeStrategyForParam: 500,
  ConflictingMergeStrategyForParam: 500,
  InvalidBreakPointHook: 400,
  InvalidRestrictedAction: 400,
  InvalidExternalResourceDependency: 500,
  CircularDependencyException: 500,
  EntityNotFound: 404,
  NotFound: 404,
  NotSupported: 400,
  RequestLimitExceeded: 400,
  ResourcePropertyConflict: 400,
  ResourceTypeUnavailable: 400,
  PropertyUnspecifiedError: 400,
  ResourcePropertyDependency: 500,
  ResourcePropertyValueDependency: 500,
  NoMatchingFunctionException: 500,
  NoFunctionRegisteredException: 500,
  NoMatchingMethodException: 500,
  NoMethodRegisteredException: 500,
  AmbiguousFunctionException: 500,
  AmbiguousMethodException: 500,
  CollectionTooLargeException: 500,
  MemoryQuotaExceededException: 500,
  MappingTranslationException: 500,
  InvalidMethodException: 500,
} as const;

export type ErrorType = keyof typeof statuses;

interface Details {
  /** What kind of validation failed: `Property error`, `Output validation error`. */
  readonly error?: string;
  readonly path?: readonly string[];
  readonly cause?: unknown;
}

/** Any error a template can cause. `message` is the text Heat gives; `reason` is its last part, without kind and path. */
export class TemplateError extends Error {
  readonly type: ErrorType;
  readonly reason: string;
  readonly error: string;
  readonly path: readonly string[];

  constructor(type: ErrorType, reason: string, details: Details = {}) {
    const path = details.path ?? [];
    const error = details.error ?? '';
    const where = pathText(path);
    super(
      `${error && `${error}: `}${where && `${where}: `}${reason}`,
      details.cause === undefined ? undefined : { cause: details.cause },
    );
    this.name = type;
    this.type = type;
    this.reason = reason;
    this.error = error;
    this.path = path;
  }

  /** The HTTP status of the answer that carries this error. */
  get http(): number {
    return statuses[this.type];
  }
}

/** Joins path items as Heat does: numbers in brackets, the rest with dots. */
function pathText(path: readonly string[]): string {
  let text = '';
  for (const item of path) {
    if (/^\d+$/.test(item)) text += `[${item}]`;
    else text += text ? `.${item}` : item;
  }
  return text;
}

export const valueError = (message: string) => new TemplateError('ValueError', message);
export const typeError = (message: string) => new TemplateError('TypeError', message);
/** A missing key; Python shows the key as a literal. */
export const keyError = (key: unknown) => new TemplateError('KeyError', repr(key));
export const attributeError = (message: string) => new TemplateError('AttributeError', message);
export const invalidSchema = (message: string) => new TemplateError('InvalidSchemaError', message);
export const parameterMissing = (name: string) =>
  new TemplateError('UserParameterMissing', `The Parameter (${name}) was not provided.`);
export const unknownParameter = (name: string) =>
  new TemplateError('UnknownUserParameter', `The Parameter (${name}) was not defined in template.`);
export const invalidVersion = (why: string) =>
  new TemplateError('InvalidTemplateVersion', `The template version is invalid: ${why}`);
export const invalidReference = (resource: string, key: string) =>
  new TemplateError('InvalidTemplateReference', `The specified reference "${resource}" (in ${key}) is incorrect.`);
export const invalidAttribute = (resource: string, key: string) =>
  new TemplateError('InvalidTemplateAttribute', `The Referenced Attribute (${resource} ${key}) is incorrect.`);
export const entityNotFound = (entity: string, name: string) =>
  new TemplateError('EntityNotFound', `The ${entity} (${name}) could not be found.`);
export const notFound = (message: string) => new TemplateError('NotFound', message);
export const limitExceeded = (message: string) =>
  new TemplateError('RequestLimitExceeded', `Request limit exceeded: ${message}`);

/** Codes of the errors that a caller may have ignored, by the error they stand for. */
export const errorCodes = { ResourceTypeUnavailable: '99001' } as const;

export const typeUnavailable = (type: string, service: string, reason: string) =>
  new TemplateError(
    'ResourceTypeUnavailable',
    `HEAT-E${errorCodes.ResourceTypeUnavailable} Service ${service} is not available for resource type ${type}, reason: ${reason}`,
  );

/** A template that does not hold together; `path` leads to the place. */
export function validationFailed(message: string, details: Details = {}): TemplateError {
  return new TemplateError('StackValidationFailed', message, details);
}

/** Wraps any template error as a validation failure under a path, as Heat does. */
export function validationOf(cause: TemplateError, path: readonly string[]): TemplateError {
  if (cause.type === 'StackValidationFailed') {
    return validationFailed(cause.reason, { error: cause.error, path: [...path, ...cause.path], cause });
  }
  return validationFailed(cause.message, { error: cause.type, path, cause });
}

/** Whether an error is one of the plain kinds (ValueError, TypeError, KeyError) that the parser reports with a path. */
export function isPlainFault(error: unknown): error is TemplateError {
  return (
    error instanceof TemplateError && ['ValueError', 'TypeError', 'KeyError', 'UnicodeEncodeError'].includes(error.type)
  );
}

/** Whether an error counts as a ValueError. */
export function isValueError(error: unknown): error is TemplateError {
  return error instanceof TemplateError && (error.type === 'ValueError' || error.type === 'UnicodeEncodeError');
}

/** A value that is not known before a resource exists. Not a fault: the reader waits for the resource. */
export class NotYetKnown extends Error {
  /** Path of the resource in the graph. */
  readonly path: string;
  /** The attribute asked for; undefined when the reference id was. */
  readonly attribute: string | undefined;
  constructor(path: string, attribute?: string) {
    super(`the value of ${attribute === undefined ? path : `${path}.${attribute}`} is not known yet`);
    this.name = 'NotYetKnown';
    this.path = path;
    this.attribute = attribute;
  }
}
