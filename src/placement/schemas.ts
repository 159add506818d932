// The bodies and queries that placement takes, microversion by microversion.
import { type TSchema, Type } from '@sinclair/typebox';
import { largestAmount } from './provider/provider.ts';

const strict = { additionalProperties: false } as const;
const className = '^[A-Z0-9_]+$';
const customName = '^CUSTOM_[A-Z0-9_]+$';
const dashedUuid = '^[0-9a-fA-F-]{36}$';

const uuid = () => Type.String({ format: 'uuid-like' });
const nullable = <Value>(type: string, more: object = {}) =>
  Type.Unsafe<Value | null>({ type: [type, 'null'], ...more });

const providerName = Type.String({ maxLength: 200 });
const parentUuid = Type.Optional(nullable<string>('string', { format: 'uuid-like' }));
/** By first microversion that takes them, as all tables below. */
export const createProvider = {
  0: Type.Object({ name: providerName, uuid: Type.Optional(uuid()) }, strict),
  14: Type.Object({ name: providerName, uuid: Type.Optional(uuid()), parent_provider_uuid: parentUuid }, strict),
};
export const updateProvider = {
  0: Type.Object({ name: providerName }, strict),
  14: Type.Object({ name: providerName, parent_provider_uuid: parentUuid }, strict),
};

const text = Type.Optional(Type.String());
const listed = { name: text, uuid: Type.Optional(uuid()) };
export const listProviders = {
  0: Type.Object(listed, strict),
  3: Type.Object({ ...listed, member_of: text }, strict),
  4: Type.Object({ ...listed, member_of: text, resources: text }, strict),
  14: Type.Object({ ...listed, member_of: text, resources: text, in_tree: Type.Optional(uuid()) }, strict),
  18: Type.Object(
    { ...listed, member_of: text, resources: text, in_tree: Type.Optional(uuid()), required: text },
    strict,
  ),
};

export const resourceClass = Type.Object({ name: Type.String({ pattern: customName, maxLength: 255 }) }, strict);

export const customTrait = Type.String({ pattern: customName, minLength: 1, maxLength: 255 });
export const listTraits = Type.Object({ name: text, associated: text }, strict);
export const providerTraits = Type.Object(
  {
    traits: Type.Array(Type.String({ minLength: 1, maxLength: 255 })),
    resource_provider_generation: Type.Integer(),
  },
  strict,
);

const amount = (minimum: number) => Type.Optional(Type.Integer({ minimum, maximum: largestAmount }));
const record = {
  resource_provider_generation: Type.Optional(Type.Integer()),
  total: Type.Integer({ minimum: 1, maximum: largestAmount }),
  reserved: amount(0),
  min_unit: amount(1),
  max_unit: amount(1),
  step_size: amount(1),
  allocation_ratio: Type.Optional(Type.Number({ maximum: 3.40282e38 })),
};
export const inventoryRecord = Type.Object(record, strict);
export const updateInventory = Type.Object({ ...record, resource_provider_generation: Type.Integer() }, strict);
export const createInventory = Type.Object({ ...record, resource_class: Type.String({ pattern: className }) }, strict);
export const providerInventories = Type.Object(
  { resource_provider_generation: Type.Integer(), inventories: Type.Record(Type.String(), inventoryRecord) },
  strict,
);

const aggregates = Type.Array(uuid(), { uniqueItems: true });
export const aggregateList = aggregates;
export const providerAggregates = Type.Object({ aggregates, resource_provider_generation: Type.Integer() }, strict);

const resources = Type.Record(Type.String({ pattern: className }), Type.Integer({ minimum: 1 }), {
  ...strict,
  minProperties: 1,
});
const person = Type.String({ minLength: 1, maxLength: 255 });
const listedAllocation = Type.Object({ resource_provider: Type.Object({ uuid: uuid() }, strict), resources }, strict);
const allocationsFrom = (minProperties: number) =>
  Type.Record(
    Type.String({ pattern: dashedUuid }),
    Type.Object({ generation: Type.Optional(Type.Integer()), resources }, strict),
    { ...strict, minProperties },
  );
const held = (fewest: number) => ({ allocations: allocationsFrom(fewest), project_id: person, user_id: person });
const generation = nullable<number>('integer');
const mappings = Type.Optional(
  Type.Record(Type.String({ pattern: '[a-zA-Z0-9_-]{1,64}' }), Type.Array(uuid(), { minItems: 1 }), {
    minProperties: 1,
  }),
);
const consumerType = Type.String({ pattern: className, minLength: 1, maxLength: 255 });

/** Microversions 1.0 to 1.11 list allocations, later ones key them by provider. */
export const listedAllocations = {
  0: Type.Object({ allocations: Type.Array(listedAllocation, { minItems: 1 }) }, strict),
  8: Type.Object(
    { allocations: Type.Array(listedAllocation, { minItems: 1 }), project_id: person, user_id: person },
    strict,
  ),
};
export const consumerAllocations = {
  12: Type.Object(held(1), strict),
  28: Type.Object({ ...held(0), consumer_generation: generation }, strict),
  34: Type.Object({ ...held(0), consumer_generation: generation, mappings }, strict),
  38: Type.Object({ ...held(0), consumer_generation: generation, mappings, consumer_type: consumerType }, strict),
};
const byConsumer = <Value extends TSchema>(value: Value, minProperties: number) =>
  Type.Record(Type.String({ pattern: dashedUuid }), value, { ...strict, minProperties });
const clearable = Type.Object(held(0), strict);
export const manyAllocations = {
  13: byConsumer(clearable, 1),
  28: byConsumer(consumerAllocations[28], 1),
  34: byConsumer(consumerAllocations[34], 1),
  38: byConsumer(consumerAllocations[38], 1),
};

const reshapeWith = <Value extends TSchema>(value: Value) =>
  Type.Object({ inventories: byConsumer(providerInventories, 1), allocations: byConsumer(value, 0) }, strict);
export const reshape = {
  30: reshapeWith(consumerAllocations[28]),
  34: reshapeWith(consumerAllocations[34]),
  38: reshapeWith(consumerAllocations[38]),
};

const usagesOf = { project_id: person, user_id: Type.Optional(person) };
export const totalUsages = {
  9: Type.Object(usagesOf, strict),
  38: Type.Object(
    {
      ...usagesOf,
      consumer_type: Type.Optional(
        Type.String({ pattern: `${className}|^all|^unknown$`, minLength: 1, maxLength: 255 }),
      ),
    },
    strict,
  ),
};

const limit = Type.Optional(Type.String({ pattern: '^[1-9][0-9]*$', minLength: 1 }));
/** Parameters of which each group of a request has its own, with its suffix. */
function groupParameters(names: readonly string[], suffix: string): Record<string, TSchema> {
  return Object.fromEntries(names.map((name) => [`^${name}(${suffix})?$`, Type.String()]));
}
function candidateQuery(properties: Record<string, TSchema>, patternProperties?: Record<string, TSchema>): TSchema {
  return Type.Object(properties, { ...strict, ...(patternProperties ? { patternProperties } : {}) });
}
const policy = Type.Optional(Type.Unsafe<string>({ type: 'string', enum: ['none', 'isolate'] }));
const numbered = groupParameters(['resources', 'required', 'member_of'], '[1-9][0-9]*');
const numberedInTree = groupParameters(['resources', 'required', 'member_of', 'in_tree'], '[1-9][0-9]*');
const named = groupParameters(['resources', 'required', 'member_of', 'in_tree'], '[a-zA-Z0-9_-]{1,64}');
const wanted = Type.String();
export const candidates = {
  10: candidateQuery({ resources: wanted }),
  16: candidateQuery({ resources: wanted, limit }),
  17: candidateQuery({ resources: wanted, limit, required: text }),
  21: candidateQuery({ resources: wanted, limit, required: text, member_of: text }),
  25: candidateQuery({ limit, group_policy: policy }, numbered),
  31: candidateQuery({ limit, group_policy: policy }, numberedInTree),
  33: candidateQuery({ limit, group_policy: policy }, named),
  35: candidateQuery({ limit, group_policy: policy, root_required: text }, named),
  36: candidateQuery({ limit, group_policy: policy, root_required: text, same_subtree: text }, named),
};

/** Picks of a table by first microversion the schema for 1.`minor`. */
export function schemaAt<Schema extends TSchema>(table: Readonly<Record<number, Schema>>, minor: number): Schema {
  let found: Schema | undefined;
  for (const [first, schema] of Object.entries(table)) if (Number(first) <= minor) found = schema;
  if (!found) throw new RangeError(`there is no schema at 1.${minor}`);
  return found;
}
