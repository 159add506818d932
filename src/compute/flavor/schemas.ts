// Bodies and queries of flavors.
import { Type } from '@sinclair/typebox';
import { truth, wholeNumber } from '../links.ts';

const name = Type.String({ minLength: 1, maxLength: 255, pattern: '^(?! )[^\\u0000-\\u001f]*(?<! )$' });
const description = Type.Union([Type.String({ maxLength: 65535 }), Type.Null()]);

export const newFlavor = Type.Object(
  {
    flavor: Type.Object(
      {
        name,
        id: Type.Optional(
          Type.Union([
            Type.String({ minLength: 1, maxLength: 255, pattern: '^(?! )[a-zA-Z0-9. _-]*(?<! )$' }),
            Type.Integer(),
            Type.Null(),
          ]),
        ),
        ram: wholeNumber(1),
        vcpus: wholeNumber(1),
        disk: wholeNumber(0),
        'OS-FLV-EXT-DATA:ephemeral': Type.Optional(wholeNumber(0)),
        swap: Type.Optional(wholeNumber(0)),
        rxtx_factor: Type.Optional(
          Type.Union([
            Type.Number({ exclusiveMinimum: 0, maximum: 3.4e38 }),
            Type.String({ pattern: '^[0-9]+(\\.[0-9]+)?$' }),
          ]),
        ),
        'os-flavor-access:is_public': Type.Optional(truth),
        description: Type.Optional(description),
      },
      { additionalProperties: false },
    ),
  },
  { additionalProperties: false },
);

export const flavorChange = Type.Object({ flavor: Type.Object({ description }, { additionalProperties: false }) });

const specKey = '^[a-zA-Z0-9-_:. ]{1,255}$';
const specs = Type.Record(
  Type.String({ pattern: specKey }),
  Type.Union([Type.String({ maxLength: 255, pattern: '^[^\\u0000]*$' }), Type.Number()]),
  { additionalProperties: false },
);
export const newSpecs = Type.Object({ extra_specs: specs }, { additionalProperties: false });
export const oneSpec = Type.Unsafe<Readonly<Record<string, string | number>>>({
  ...specs,
  minProperties: 1,
  maxProperties: 1,
});

const access = Type.Object({ tenant: Type.String({ minLength: 1, maxLength: 255 }) }, { additionalProperties: false });
export const flavorAction = Type.Union([
  Type.Object({ addTenantAccess: access }, { additionalProperties: false }),
  Type.Object({ removeTenantAccess: access }, { additionalProperties: false }),
]);
