// How a template declares a parameter, in both dialects.

import { attributeError, invalidSchema, TemplateError } from '../errors.ts';
import { type Dict, isDict, str, truthy, typeName, type Value } from '../value/index.ts';
import { own } from '../value/own.ts';
import {
  allowedPattern,
  allowedValues,
  bound,
  type Constraint,
  checkApplicable,
  checkConstraints,
  custom,
  length,
  modulo,
  range,
  type Typed,
} from './constraints.ts';

export interface ParameterSchema extends Typed {
  readonly kind: 'string' | 'number' | 'list' | 'map' | 'boolean';
  readonly description: Value;
  readonly default: Value;
  readonly constraints: readonly Constraint[];
  readonly hidden: Value;
  readonly label: Value;
  readonly immutable: Value;
  readonly tags: Value;
}

/** How one template version writes parameters. */
export interface ParameterDialect {
  readonly types: Readonly<Record<string, ParameterSchema['kind']>>;
  readonly keys: readonly string[];
  readonly hot: boolean;
  readonly modulo: boolean;
  readonly tags: boolean;
}

const hotKeys = ['type', 'description', 'default', 'schema', 'constraints', 'hidden', 'label', 'immutable'];
const hotTypes = {
  string: 'string',
  number: 'number',
  comma_delimited_list: 'list',
  json: 'map',
  boolean: 'boolean',
} as const;
const hot: ParameterDialect = { types: hotTypes, keys: hotKeys, hot: true, modulo: false, tags: false };

export const dialects = {
  hot,
  hot20170224: { ...hot, modulo: true },
  hot20180302: { ...hot, modulo: true, tags: true, keys: [...hotKeys, 'tags'] },
  cfn: {
    types: { String: 'string', Number: 'number', CommaDelimitedList: 'list', Json: 'map', Boolean: 'boolean' },
    keys: [
      'Type',
      'Default',
      'NoEcho',
      'AllowedValues',
      'AllowedPattern',
      'MaxLength',
      'MinLength',
      'MaxValue',
      'MinValue',
      'Description',
      'ConstraintDescription',
      'Label',
    ],
    hot: false,
    modulo: false,
    tags: false,
  },
} as const satisfies Readonly<Record<string, ParameterDialect>>;

function checkKeys(data: Value, keys: readonly string[], entity: string): asserts data is Dict {
  if (!isDict(data)) throw invalidSchema(`Invalid ${entity}, expected a mapping`);
  for (const key of data.keys())
    if (typeof key !== 'string' || !keys.includes(key)) throw invalidSchema(`Invalid key '${str(key)}' for ${entity}`);
}

const text = (value: Value | undefined): string | undefined =>
  value === undefined || value === null ? undefined : str(value);

function hotConstraint(definition: Dict, dialect: ParameterDialect): Constraint {
  const description = text(definition.get('description'));
  const part = (key: string, keys: readonly string[], entity: string): Dict | undefined => {
    const data = definition.get(key);
    if (data === undefined) return undefined;
    checkKeys(data, keys, `${entity} constraint`);
    return data;
  };
  if (dialect.modulo) {
    const data = part('modulo', ['step', 'offset'], 'modulo');
    if (data) return modulo(bound(data.get('step')), bound(data.get('offset')), description);
  }
  const ranged = part('range', ['min', 'max'], 'range');
  if (ranged) return range(bound(ranged.get('min')), bound(ranged.get('max')), description);
  const sized = part('length', ['min', 'max'], 'length');
  if (sized) return length(bound(sized.get('min')), bound(sized.get('max')), description);
  if (definition.has('allowed_values')) return allowedValues(definition.get('allowed_values'), description);
  if (definition.has('allowed_pattern')) return allowedPattern(definition.get('allowed_pattern'), description);
  if (definition.has('custom_constraint')) return custom(str(definition.get('custom_constraint') ?? null), description);
  throw invalidSchema('No constraint expressed');
}

const constraintKeys = [
  'description',
  'length',
  'range',
  'modulo',
  'allowed_values',
  'allowed_pattern',
  'custom_constraint',
];

function hotConstraints(name: string, data: Dict, dialect: ParameterDialect): Constraint[] {
  const list = data.get('constraints') ?? null;
  if (list === null) return [];
  if (!Array.isArray(list)) throw invalidSchema(`Invalid parameter constraints for parameter ${name}, expected a list`);
  return list.map((definition) => {
    checkKeys(definition, constraintKeys, 'parameter constraints');
    return hotConstraint(definition, dialect);
  });
}

function cfnConstraints(data: Dict): Constraint[] {
  const description = text(data.get('ConstraintDescription'));
  const constraints: Constraint[] = [];
  if (data.has('MinValue') || data.has('MaxValue'))
    constraints.push(range(bound(data.get('MinValue')), bound(data.get('MaxValue')), description));
  if (data.has('MinLength') || data.has('MaxLength'))
    constraints.push(length(bound(data.get('MinLength')), bound(data.get('MaxLength')), description));
  if (data.has('AllowedValues')) constraints.push(allowedValues(data.get('AllowedValues'), description));
  if (data.has('AllowedPattern')) constraints.push(allowedPattern(data.get('AllowedPattern'), description));
  return constraints;
}

/**
 * Reads one entry of the parameters section.
 * @throws TemplateError InvalidSchemaError
 */
export function readParameterSchema(
  name: string,
  data: Value,
  dialect: ParameterDialect,
  override?: Value,
): ParameterSchema {
  checkKeys(data, dialect.keys, `parameter (${name})`);
  const key = (hotKey: string, cfnKey: string): Value => data.get(dialect.hot ? hotKey : cfnKey) ?? null;
  if (!data.has(dialect.hot ? 'type' : 'Type')) throw invalidSchema(`Missing parameter type for parameter: ${name}`);
  if (dialect.tags && data.has('tags') && !Array.isArray(data.get('tags')))
    throw invalidSchema(`Tags property should be a list for parameter: ${name}`);
  const constraints = dialect.hot ? hotConstraints(name, data, dialect) : cfnConstraints(data);
  const type = key('type', 'Type');
  const kind = typeof type === 'string' ? own<ParameterSchema['kind']>(dialect.types, type) : undefined;
  if (kind === undefined) throw invalidSchema(`Invalid type (${str(type)})`);
  return {
    kind,
    typeName: str(type),
    description: key('description', 'Description'),
    default: override === undefined ? key('default', 'Default') : override,
    constraints,
    hidden: dialect.hot ? (data.get('hidden') ?? false) : str(data.get('NoEcho') ?? 'false').toLowerCase() === 'true',
    label: key('label', 'Label'),
    immutable: dialect.hot ? (data.get('immutable') ?? false) : false,
    tags: dialect.tags ? (data.get('tags') ?? null) : null,
  };
}

/** @throws TemplateError InvalidSchemaError for a declaration whose constraints or default do not hold together */
export function checkSchema(schema: ParameterSchema): void {
  checkApplicable(schema.constraints, schema);
  if (schema.default === null) return;
  let value = schema.default;
  if (schema.kind === 'list') {
    if (Array.isArray(value)) value = value.map((item) => str(item));
    else if (typeof value === 'string') value = value.split(',');
    else
      throw invalidSchema(
        `Default must be a comma-delimited list string: ${attributeError(`'${typeName(value)}' object has no attribute 'split'`).message}`,
      );
  }
  try {
    checkConstraints(schema.constraints, value, schema, undefined, true);
  } catch (cause) {
    if (cause instanceof TemplateError && ['ValueError', 'TypeError', 'StackValidationFailed'].includes(cause.type)) {
      throw invalidSchema(`Invalid default ${str(schema.default)} (${cause.message})`);
    }
    throw cause;
  }
}

export const isHidden = (schema: ParameterSchema): boolean => truthy(schema.hidden);
