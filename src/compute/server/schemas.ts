// Bodies of servers and their actions.
import { Type } from '@sinclair/typebox';
import { truth, wholeNumber } from '../links.ts';

const name = Type.String({ minLength: 1, maxLength: 255, pattern: '^(?!\\s)[^\\u0000]*(?<!\\s)$' });
const nullableText = Type.Union([Type.String({ maxLength: 255, pattern: '^[^\\u0000]*$' }), Type.Null()]);
const key = '^[a-zA-Z0-9-_:. ]{1,255}$';
export const metadata = Type.Record(
  Type.String({ pattern: key }),
  Type.String({ maxLength: 255, pattern: '^[^\\u0000]*$' }),
  {
    additionalProperties: false,
  },
);
const accessV4 = Type.Union([Type.String({ format: 'ipv4' }), Type.Literal(''), Type.Null()]);
const accessV6 = Type.Union([Type.String({ format: 'ipv6' }), Type.Literal(''), Type.Null()]);
const diskConfig = Type.Union([Type.Literal('AUTO'), Type.Literal('MANUAL')]);
const tag = Type.String({ minLength: 1, maxLength: 60, pattern: '^[^,/\\u0000]*$' });
export const tagList = Type.Array(tag, { maxItems: 50 });

const network = Type.Object(
  {
    uuid: Type.Optional(Type.String({ maxLength: 255 })),
    port: Type.Optional(Type.Union([Type.String({ maxLength: 255 }), Type.Null()])),
    fixed_ip: Type.Optional(Type.Union([Type.String({ format: 'ipv4' }), Type.String({ format: 'ipv6' })])),
    tag: Type.Optional(tag),
  },
  { additionalProperties: false },
);

const blockDevice = Type.Object({
  uuid: Type.Optional(Type.String()),
  source_type: Type.Optional(Type.String()),
  destination_type: Type.Optional(Type.Union([Type.String(), Type.Null()])),
  boot_index: Type.Optional(Type.Union([Type.Integer(), Type.String(), Type.Null()])),
});

const hints = Type.Object({ group: Type.Optional(Type.String({ format: 'uuid' })) });

const server = Type.Object(
  {
    name,
    imageRef: Type.Optional(Type.String()),
    flavorRef: Type.Union([Type.String({ minLength: 1 }), Type.Integer({ minimum: 0 })]),
    adminPass: Type.Optional(Type.String()),
    metadata: Type.Optional(metadata),
    networks: Type.Optional(Type.Union([Type.Array(network), Type.Literal('auto'), Type.Literal('none')])),
    'OS-DCF:diskConfig': Type.Optional(diskConfig),
    accessIPv4: Type.Optional(accessV4),
    accessIPv6: Type.Optional(accessV6),
    availability_zone: Type.Optional(nullableText),
    block_device_mapping: Type.Optional(Type.Array(Type.Unknown(), { maxItems: 0 })),
    block_device_mapping_v2: Type.Optional(Type.Array(blockDevice)),
    config_drive: Type.Optional(Type.Union([truth, Type.Null(), Type.Literal('')])),
    key_name: Type.Optional(Type.Union([Type.String({ maxLength: 255 }), Type.Null()])),
    min_count: Type.Optional(wholeNumber(1)),
    max_count: Type.Optional(wholeNumber(1)),
    return_reservation_id: Type.Optional(truth),
    security_groups: Type.Optional(Type.Array(Type.Object({ name: Type.Optional(Type.String({ maxLength: 255 })) }))),
    user_data: Type.Optional(Type.Union([Type.String(), Type.Null()])),
    personality: Type.Optional(Type.Array(Type.Unknown(), { maxItems: 0 })),
    description: Type.Optional(nullableText),
    tags: Type.Optional(tagList),
    trusted_image_certificates: Type.Optional(Type.Null()),
    host: Type.Optional(Type.String({ maxLength: 255 })),
    hypervisor_hostname: Type.Optional(Type.String({ maxLength: 255 })),
    hostname: Type.Optional(Type.String({ pattern: '^[a-zA-Z0-9-._]{1,255}$' })),
    'OS-SCH-HNT:scheduler_hints': Type.Optional(hints),
  },
  { additionalProperties: false },
);

export const newServer = Type.Object(
  {
    server,
    'os:scheduler_hints': Type.Optional(hints),
    'OS-SCH-HNT:scheduler_hints': Type.Optional(hints),
  },
  { additionalProperties: false },
);

/** Attributes of a new server that older microversions do not know. */
export const serverAttributesSince: Readonly<Record<string, string>> = {
  description: '2.19',
  tags: '2.52',
  trusted_image_certificates: '2.63',
  host: '2.74',
  hypervisor_hostname: '2.74',
  hostname: '2.90',
};

export const serverChange = Type.Object(
  {
    server: Type.Object(
      {
        name: Type.Optional(name),
        'OS-DCF:diskConfig': Type.Optional(diskConfig),
        accessIPv4: Type.Optional(accessV4),
        accessIPv6: Type.Optional(accessV6),
        description: Type.Optional(nullableText),
        hostname: Type.Optional(Type.String({ pattern: '^[a-zA-Z0-9-._]{1,255}$' })),
      },
      { additionalProperties: false, minProperties: 1 },
    ),
  },
  { additionalProperties: false },
);

const rebuild = Type.Object(
  {
    imageRef: Type.String(),
    name: Type.Optional(name),
    metadata: Type.Optional(metadata),
    description: Type.Optional(nullableText),
    user_data: Type.Optional(Type.Union([Type.String(), Type.Null()])),
    key_name: Type.Optional(Type.Union([Type.String(), Type.Null()])),
    adminPass: Type.Optional(Type.String()),
    accessIPv4: Type.Optional(accessV4),
    accessIPv6: Type.Optional(accessV6),
    hostname: Type.Optional(Type.String({ pattern: '^[a-zA-Z0-9-._]{1,255}$' })),
    preserve_ephemeral: Type.Optional(truth),
    'OS-DCF:diskConfig': Type.Optional(diskConfig),
    personality: Type.Optional(Type.Array(Type.Unknown(), { maxItems: 0 })),
  },
  { additionalProperties: false },
);

const rescue = Type.Object(
  { adminPass: Type.Optional(Type.String({ minLength: 1 })), rescue_image_ref: Type.Optional(Type.String()) },
  { additionalProperties: false },
);

/** Actions that are offered; each body has exactly one key. */
export const serverAction = Type.Object(
  {
    'os-start': Type.Optional(Type.Unknown()),
    'os-stop': Type.Optional(Type.Unknown()),
    reboot: Type.Optional(
      Type.Object({
        type: Type.Union(['HARD', 'SOFT', 'hard', 'soft', 'Hard', 'Soft'].map((one) => Type.Literal(one))),
      }),
    ),
    rebuild: Type.Optional(rebuild),
    lock: Type.Optional(
      Type.Union([Type.Null(), Type.Object({ locked_reason: Type.Optional(Type.String({ maxLength: 255 })) })]),
    ),
    unlock: Type.Optional(Type.Unknown()),
    'os-resetState': Type.Optional(Type.Object({ state: Type.Union([Type.Literal('active'), Type.Literal('error')]) })),
    forceDelete: Type.Optional(Type.Unknown()),
    rescue: Type.Optional(Type.Union([Type.Null(), rescue])),
    unrescue: Type.Optional(Type.Null()),
  },
  { minProperties: 1, maxProperties: 1 },
);

export const metadataBody = Type.Object({ metadata }, { additionalProperties: false });
export const metaBody = Type.Object(
  { meta: Type.Unsafe<Readonly<Record<string, string>>>({ ...metadata, minProperties: 1, maxProperties: 1 }) },
  { additionalProperties: false },
);
export const tagsBody = Type.Object({ tags: tagList }, { additionalProperties: false });
