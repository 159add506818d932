// Resource types as the API shows them: their schema, and a sample template made of it.
import type { AttributeData, ConstraintData, PropertyData, ResourceTypeData } from '../../template/index.ts';

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** Every resource answers this with all that its service tells of it. */
const show: AttributeData = { type: 'Map', description: 'All that the service behind the resource tells of it.' };

function property(data: PropertyData): { readonly [key: string]: Json } {
  return {
    type: data.type.toLowerCase(),
    ...(data.description === undefined ? {} : { description: data.description }),
    ...(data.default === undefined ? {} : { default: data.default }),
    ...(data.schema ? { schema: properties(data.schema) } : {}),
    required: data.required ?? false,
    update_allowed: data.update_allowed ?? false,
    immutable: data.immutable ?? false,
    ...(data.constraints ? { constraints: data.constraints.map((constraint) => ({ ...constraint })) } : {}),
  };
}

function properties(schema: Readonly<Record<string, PropertyData>>): { readonly [name: string]: Json } {
  return Object.fromEntries(
    Object.entries(schema)
      .filter(([, data]) => !data.hidden && !data.unimplemented)
      .map(([name, data]) => [name, property(data)]),
  );
}

const attributesOf = (data: ResourceTypeData): [string, AttributeData][] => [
  ...Object.entries(data.attributes).filter(([, attribute]) => !attribute.hidden),
  ['show', show],
];

function supportStatus(support: ResourceTypeData['support']): Json {
  return {
    status: support?.status ?? 'SUPPORTED',
    version: support?.version ?? null,
    message: support?.message ?? null,
    previous_status: support?.previous_status ? supportStatus(support.previous_status) : null,
  };
}

/** The body of `GET /resource_types/{type}`. */
export function describeType(name: string, data: ResourceTypeData): { readonly [key: string]: Json } {
  return {
    resource_type: name,
    properties: properties(data.properties),
    attributes: Object.fromEntries(
      attributesOf(data).map(([attribute, { type, description }]) => [
        attribute,
        { ...(type ? { type: type.toLowerCase() } : {}), ...(description ? { description } : {}) },
      ]),
    ),
    support_status: supportStatus(data.support),
  };
}

const hotTypes = {
  Integer: 'number',
  String: 'string',
  Number: 'number',
  Boolean: 'boolean',
  Map: 'json',
  List: 'comma_delimited_list',
  Any: 'json',
} as const;
const cfnTypes = {
  Integer: 'Number',
  String: 'String',
  Number: 'Number',
  Boolean: 'Boolean',
  Map: 'Json',
  List: 'CommaDelimitedList',
  Any: 'Json',
} as const;

/** Constraints that a parameter can carry: custom ones stay with the property. */
function hotConstraints(constraints: readonly ConstraintData[]): Json[] {
  return constraints
    .filter((constraint) => !('custom_constraint' in constraint) && !('modulo' in constraint))
    .map((constraint) => ({ ...constraint }));
}

function hotParameter(data: PropertyData): Json {
  const constraints = hotConstraints(data.constraints ?? []);
  return {
    type: hotTypes[data.type],
    ...(data.description === undefined ? {} : { description: data.description }),
    ...(data.default === undefined ? {} : { default: data.default }),
    ...(constraints.length > 0 ? { constraints } : {}),
  };
}

function cfnConstraints(constraints: readonly ConstraintData[]): [string, Json][] {
  return constraints.flatMap((constraint): [string, Json][] => {
    const bounds = (low: string, high: string, { min, max }: { min?: number; max?: number }): [string, Json][] => [
      ...(min === undefined ? [] : [[low, min] as [string, Json]]),
      ...(max === undefined ? [] : [[high, max] as [string, Json]]),
    ];
    if ('range' in constraint) return bounds('MinValue', 'MaxValue', constraint.range);
    if ('length' in constraint) return bounds('MinLength', 'MaxLength', constraint.length);
    if ('allowed_values' in constraint) return [['AllowedValues', constraint.allowed_values]];
    return 'allowed_pattern' in constraint ? [['AllowedPattern', constraint.allowed_pattern]] : [];
  });
}

function cfnParameter(data: PropertyData): Json {
  return {
    Type: cfnTypes[data.type],
    ...(data.description === undefined ? {} : { Description: data.description }),
    ...(data.default === undefined ? {} : { Default: data.default }),
    ...Object.fromEntries(cfnConstraints(data.constraints ?? [])),
    ...(data.type === 'Boolean' ? { AllowedValues: ['True', 'true', 'False', 'false'] } : {}),
  };
}

/** The body of `GET /resource_types/{type}/template`: one resource whose every property is a parameter and whose every attribute is an output. */
export function sampleTemplate(
  name: string,
  data: ResourceTypeData,
  form: 'hot' | 'cfn',
): { readonly [key: string]: Json } {
  const resource = data.plugin;
  const shown = Object.entries(data.properties).filter(([, schema]) => !schema.hidden && !schema.unimplemented);
  const each = (make: (property: string, schema: PropertyData) => Json) =>
    Object.fromEntries(shown.map(([key, schema]) => [key, make(key, schema)]));
  const description = `Initial template of ${resource}`;
  if (form === 'hot') {
    return {
      heat_template_version: '2016-10-14',
      description,
      parameters: each((_, schema) => hotParameter(schema)),
      resources: { [resource]: { type: name, properties: each((key) => ({ get_param: key })) } },
      outputs: {
        ...Object.fromEntries(
          attributesOf(data).map(([key, attribute]) => [
            key,
            { value: { get_attr: [resource, key] }, description: attribute.description ?? null },
          ]),
        ),
        'OS::stack_id': { value: { get_resource: resource } },
      },
    };
  }
  return {
    HeatTemplateFormatVersion: '2012-12-12',
    Description: description,
    Parameters: each((_, schema) => cfnParameter(schema)),
    Resources: {
      [resource]: {
        Type: name,
        Properties: each((key, schema) =>
          schema.type === 'List' ? { 'Fn::Split': [',', { Ref: key }] } : { Ref: key },
        ),
      },
    },
    Outputs: {
      ...Object.fromEntries(
        attributesOf(data).map(([key, attribute]) => [
          key,
          { Value: { 'Fn::GetAtt': [resource, key] }, Description: attribute.description ?? null },
        ]),
      ),
      'OS::stack_id': { Value: { Ref: resource } },
    },
  };
}
