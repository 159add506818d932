// The JSON schemas of metadata definitions: published under /v2/schemas/metadefs and checked against.
import { type TObject, type TSchema, Type } from '@sinclair/typebox';

const name = Type.String({ minLength: 1, maxLength: 80 });
const types = ['array', 'boolean', 'integer', 'number', 'object', 'string', null];
const type = Type.Unsafe<string | null>({ type: ['string', 'null'], enum: types });
const count = Type.Optional(Type.Integer({ minimum: 0 }));
const names = Type.Optional(Type.Array(Type.String(), { uniqueItems: true }));
const anything = Type.Optional(Type.Unknown());

/** What a property of an image, a flavor or a server may be: JSON schema draft 4, with a title. */
const constraints = {
  title: Type.String(),
  description: Type.Optional(Type.String()),
  operators: Type.Optional(Type.Array(Type.String())),
  type,
  required: names,
  minimum: Type.Optional(Type.Number()),
  maximum: Type.Optional(Type.Number()),
  maxLength: count,
  minLength: count,
  pattern: Type.Optional(Type.String()),
  enum: Type.Optional(Type.Array(Type.Unknown())),
  readonly: Type.Optional(Type.Boolean()),
  default: anything,
  items: Type.Optional(Type.Object({ type: Type.Optional(type), enum: Type.Optional(Type.Array(Type.Unknown())) })),
  maxItems: count,
  minItems: count,
  uniqueItems: Type.Optional(Type.Boolean()),
  additionalItems: Type.Optional(Type.Boolean()),
};
/** Set by the server; clients send them back with what they read. */
const times = {
  created_at: Type.Optional(Type.String({ readOnly: true })),
  updated_at: Type.Optional(Type.String({ readOnly: true })),
};
const links = {
  self: Type.Optional(Type.String({ readOnly: true })),
  schema: Type.Optional(Type.String({ readOnly: true })),
};
const closed = { additionalProperties: false };
const propertiesByName = Type.Record(Type.String(), Type.Object({ name: Type.Optional(name), ...constraints }, closed));

export const property = Type.Object({ name, ...constraints }, closed);
export const object = Type.Object(
  {
    name,
    description: Type.Optional(Type.String()),
    required: names,
    properties: Type.Optional(propertiesByName),
    ...times,
    ...links,
  },
  closed,
);
export const tag = Type.Object({ name, ...times }, closed);
export const tags = Type.Object({ tags: Type.Array(tag) }, closed);
export const association = Type.Object(
  { name, prefix: Type.Optional(name), properties_target: Type.Optional(name), ...times },
  closed,
);
export const namespace = Type.Object(
  {
    namespace: name,
    display_name: Type.Optional(Type.String({ maxLength: 80 })),
    description: Type.Optional(Type.String({ maxLength: 500 })),
    visibility: Type.Optional(Type.Union([Type.Literal('public'), Type.Literal('private')])),
    protected: Type.Optional(Type.Boolean()),
    owner: Type.Optional(Type.String({ maxLength: 255 })),
    resource_type_associations: Type.Optional(Type.Array(association)),
    properties: Type.Optional(propertiesByName),
    objects: Type.Optional(Type.Array(object)),
    tags: Type.Optional(Type.Array(tag)),
    ...times,
    ...links,
  },
  closed,
);

function single(called: string, schema: TObject): unknown {
  return { ...schema, name: called };
}

function list(called: string, items: TSchema): unknown {
  const text = { type: 'string' };
  return {
    name: called,
    properties: { [called]: items, first: text, next: text, schema: text },
    links: [
      { rel: 'first', href: '{first}' },
      { rel: 'next', href: '{next}' },
      { rel: 'describedby', href: '{schema}' },
    ],
  };
}

/** Documents of `/v2/schemas/metadefs/NAME`. */
export const metadefDocuments: Readonly<Record<string, unknown>> = {
  namespace: single('namespace', namespace),
  namespaces: list('namespaces', Type.Array(namespace)),
  resource_type: single('resource_type_association', association),
  resource_types: list('resource_type_associations', Type.Array(association)),
  property: single('property', property),
  properties: list('properties', propertiesByName),
  object: single('object', object),
  objects: list('objects', Type.Array(object)),
  tag: single('tag', tag),
  tags: list('tags', Type.Array(tag)),
};
