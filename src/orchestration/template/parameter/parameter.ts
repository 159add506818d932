// One parameter of a stack: its declaration, the value given to it and the value templates read.
import { attributeError, parameterMissing, TemplateError, validationFailed, valueError } from '../errors.ts';
import type { Evaluation } from '../evaluation.ts';
import {
  describeFault,
  JsonFault,
  jsonText,
  readJson,
  str,
  toBoolean,
  toNumber,
  typeName,
  type Value,
} from '../value/index.ts';
import { type CustomConstraints, checkConstraints, toType } from './constraints.ts';
import { checkSchema, type ParameterSchema } from './schema.ts';

/** Where a parameter's value comes from: given by the user, or computed by the parent stack. */
export type Given = (evaluation: Evaluation) => Value;

export class Parameter {
  readonly name: string;
  readonly schema: ParameterSchema;
  /** The default that an environment's parameter_defaults set; null when none. */
  readonly environmentDefault: Value;
  private readonly given: Given | undefined;

  constructor(name: string, schema: ParameterSchema, given: Given | undefined, environmentDefault: Value) {
    this.name = name;
    this.schema = schema;
    this.given = given;
    this.environmentDefault = environmentDefault;
  }

  get default(): Value {
    return this.environmentDefault ?? this.schema.default;
  }

  /** The value given by the user or the parent; null when none. */
  user(evaluation: Evaluation): Value {
    return this.given ? this.given(evaluation) : null;
  }

  /**
   * The value a template reads.
   * @throws TemplateError UserParameterMissing when there is none, ValueError when it has the wrong form
   */
  value(evaluation: Evaluation): Value {
    const raw = this.user(evaluation) ?? this.default;
    if (raw === null && this.schema.kind !== 'boolean') throw parameterMissing(this.name);
    switch (this.schema.kind) {
      case 'string':
        return toType(raw, this.schema);
      case 'number':
        return toNumber(raw);
      case 'boolean':
        return toBoolean(str(raw));
      case 'list':
        return parseList(raw);
      case 'map':
        return parseJson(raw);
      default:
        return this.schema.kind satisfies never;
    }
  }

  /**
   * Checks the declaration and, unless told otherwise, the value.
   * @throws TemplateError StackValidationFailed or InvalidSchemaError naming the parameter, UserParameterMissing
   */
  validate(evaluation: Evaluation, withValue: boolean, customs: CustomConstraints | undefined): void {
    try {
      checkSchema(this.schema);
      if (!withValue) return;
      const value = this.user(evaluation) ?? this.default;
      if (value === null) throw parameterMissing(this.name);
      this.check(value, customs);
    } catch (cause) {
      if (
        cause instanceof TemplateError &&
        (cause.type === 'StackValidationFailed' || cause.type === 'InvalidSchemaError')
      ) {
        throw new TemplateError(cause.type, `Parameter '${this.name}' is invalid: ${cause.message}`, { cause });
      }
      throw cause;
    }
  }

  private check(value: Value, customs: CustomConstraints | undefined): void {
    const checked = this.asForm(value);
    checkConstraints(this.schema.constraints, checked, this.schema, customs);
  }

  private asForm(value: Value): Value {
    try {
      switch (this.schema.kind) {
        case 'string':
          return value;
        case 'number':
          toNumber(value);
          return value;
        case 'boolean':
          toBoolean(str(value));
          return value;
        case 'list':
          return parseList(value);
        case 'map':
          return parseJson(value);
        default:
          return this.schema.kind satisfies never;
      }
    } catch (cause) {
      if (
        cause instanceof TemplateError &&
        (cause.type === 'ValueError' || (cause.type === 'TypeError' && this.schema.kind === 'number'))
      ) {
        throw validationFailed(cause.message, { cause });
      }
      throw cause;
    }
  }
}

/** A list of texts from a list or a comma-separated text. */
export function parseList(value: Value): Value {
  if (Array.isArray(value)) return value.map((item) => str(item));
  if (typeof value !== 'string')
    throw valueError(
      `Value must be a comma-delimited list string: ${attributeError(`'${typeName(value)}' object has no attribute 'split'`).message}`,
    );
  return value === '' ? [] : value.split(',');
}

/** Data of a JSON text; data is passed through JSON, which makes its keys texts. */
export function parseJson(value: Value): Value {
  const text = typeof value === 'string' ? value : jsonText(value);
  if (text === '') return value;
  try {
    return readJson(text);
  } catch (cause) {
    if (cause instanceof JsonFault) throw valueError(`Value must be valid JSON: ${describeFault(cause, text)}`);
    throw cause;
  }
}
