// How a resource type describes its properties: plain data, compiled once for checking.
import {
  allowedPattern,
  allowedValues,
  type Constraint,
  checkApplicable,
  custom,
  type DataKind,
  length,
  modulo,
  range,
  type Typed,
} from '../parameter/constraints.ts';
import type { ParameterSchema } from '../parameter/schema.ts';
import { fromPlain, type Plain, type Value } from '../value/index.ts';

export type PropertyType = 'String' | 'Integer' | 'Number' | 'Boolean' | 'Map' | 'List' | 'Any';

/** A constraint as data, with the keys the API shows. */
export type ConstraintData = { readonly description?: string } & (
  | { readonly range: { readonly min?: number; readonly max?: number } }
  | { readonly length: { readonly min?: number; readonly max?: number } }
  | { readonly modulo: { readonly step: number; readonly offset: number } }
  | { readonly allowed_values: readonly Plain[] }
  | { readonly allowed_pattern: string }
  | { readonly custom_constraint: string }
);

export interface PropertyData {
  readonly type: PropertyType;
  readonly description?: string;
  readonly default?: Plain;
  readonly required?: true;
  readonly update_allowed?: true;
  readonly immutable?: true;
  readonly constraints?: readonly ConstraintData[];
  /** Properties of a map, or under `*` the schema of a list's items. */
  readonly schema?: Readonly<Record<string, PropertyData>>;
  /** The property is named in the schema and refused when used. */
  readonly unimplemented?: true;
  /** Not shown to users. */
  readonly hidden?: true;
  /** The property of an older name whose value this one takes. */
  readonly replaces?: string;
}

export interface PropertySchema extends Typed {
  readonly type: PropertyType;
  readonly default: Value;
  readonly required: boolean;
  readonly updateAllowed: boolean;
  readonly immutable: boolean;
  readonly implemented: boolean;
  readonly constraints: readonly Constraint[];
  readonly children: ReadonlyMap<string, PropertySchema> | undefined;
  readonly item: PropertySchema | undefined;
  readonly replaces: string | undefined;
  /** Lists are taken from comma-separated texts, maps from texts and lists: what a parameter of a nested stack accepts. */
  readonly converts: boolean;
}

const kinds: Readonly<Record<PropertyType, DataKind>> = {
  String: 'string',
  Integer: 'integer',
  Number: 'number',
  Boolean: 'boolean',
  Map: 'map',
  List: 'list',
  Any: 'any',
};

function compileConstraint(data: ConstraintData): Constraint {
  const { description } = data;
  if ('range' in data) return range(fromPlain(data.range.min), fromPlain(data.range.max), description);
  if ('length' in data) return length(fromPlain(data.length.min), fromPlain(data.length.max), description);
  if ('modulo' in data) return modulo(fromPlain(data.modulo.step), fromPlain(data.modulo.offset), description);
  if ('allowed_values' in data) return allowedValues(fromPlain(data.allowed_values), description);
  if ('allowed_pattern' in data) return allowedPattern(data.allowed_pattern, description);
  return custom(data.custom_constraint, description);
}

function compileProperty(data: PropertyData): PropertySchema {
  const item = data.schema?.['*'];
  return {
    type: data.type,
    kind: kinds[data.type],
    typeName: data.type,
    default: fromPlain(data.default),
    required: data.required ?? false,
    updateAllowed: data.update_allowed ?? false,
    immutable: data.immutable ?? false,
    implemented: !data.unimplemented,
    constraints: (data.constraints ?? []).map(compileConstraint),
    children: data.schema && !item ? compileProperties(data.schema) : undefined,
    item: item ? compileProperty(item) : undefined,
    replaces: data.replaces,
    converts: false,
  };
}

/** Compiles the properties of a resource type. */
export function compileProperties(data: Readonly<Record<string, PropertyData>>): ReadonlyMap<string, PropertySchema> {
  return new Map(Object.entries(data).map(([name, property]) => [name, compileProperty(property)]));
}

const parameterTypes = { string: 'String', number: 'Number', list: 'List', map: 'Map', boolean: 'Boolean' } as const;

/**
 * The property by which a nested stack's parameter is set.
 * @throws TemplateError InvalidSchemaError for constraints that do not go with the type
 */
export function propertyOfParameter(parameter: ParameterSchema): PropertySchema {
  const type = parameterTypes[parameter.kind];
  const schema: PropertySchema = {
    type,
    kind: parameter.kind,
    typeName: type,
    default: null,
    required: parameter.default === null,
    updateAllowed: true,
    immutable: false,
    implemented: true,
    constraints: parameter.constraints,
    children: undefined,
    item: undefined,
    replaces: undefined,
    converts: parameter.kind === 'map' || parameter.kind === 'list',
  };
  checkApplicable(schema.constraints, schema);
  return schema;
}
