// What a node may be given: the body of POST /v1/nodes, and the types that a patched node must keep.
import { type Static, Type } from '@sinclair/typebox';
import { Nullable } from '../document/names.ts';
import { onChildNodes, stepSchema } from '../step/schema.ts';
import { networkDataSchema } from './network-data.ts';

const { text, longText, flag, object } = Nullable;

/** `*_interface` columns, by the name of the interface. */
export const interfaceNames = [
  'bios',
  'boot',
  'console',
  'deploy',
  'firmware',
  'inspect',
  'management',
  'network',
  'power',
  'raid',
  'rescue',
  'storage',
  'vendor',
] as const;
export type InterfaceName = (typeof interfaceNames)[number];

const fields = {
  allocation_uuid: Type.Optional(text),
  automated_clean: Type.Optional(flag),
  bios_interface: Type.Optional(text),
  boot_interface: Type.Optional(text),
  chassis_uuid: Type.Optional(text),
  conductor_group: Type.Optional(text),
  console_interface: Type.Optional(text),
  deploy_interface: Type.Optional(text),
  description: Type.Optional(longText),
  disable_power_off: Type.Optional(flag),
  driver: Type.Optional(Type.String({ minLength: 1, maxLength: 255 })),
  driver_info: Type.Optional(object),
  extra: Type.Optional(object),
  firmware_interface: Type.Optional(text),
  inspect_interface: Type.Optional(text),
  instance_info: Type.Optional(object),
  instance_uuid: Type.Optional(text),
  lessee: Type.Optional(text),
  maintenance: Type.Optional(flag),
  maintenance_reason: Type.Optional(longText),
  management_interface: Type.Optional(text),
  name: Type.Optional(text),
  /** An empty one is none. */
  network_data: Type.Optional(
    Type.Union([networkDataSchema, Type.Object({}, { additionalProperties: false }), Type.Null()]),
  ),
  network_interface: Type.Optional(text),
  owner: Type.Optional(text),
  parent_node: Type.Optional(text),
  power_interface: Type.Optional(text),
  properties: Type.Optional(object),
  protected: Type.Optional(flag),
  protected_reason: Type.Optional(longText),
  raid_interface: Type.Optional(text),
  rescue_interface: Type.Optional(text),
  resource_class: Type.Optional(Type.Union([Type.String({ maxLength: 80 }), Type.Null()])),
  retired: Type.Optional(flag),
  retired_reason: Type.Optional(longText),
  shard: Type.Optional(text),
  storage_interface: Type.Optional(text),
  vendor_interface: Type.Optional(text),
};

/** What only a node that is there already can be told. */
const {
  allocation_uuid: _allocation,
  maintenance_reason: _reason,
  protected: _protected,
  protected_reason: _protectedReason,
  ...newFields
} = fields;
export const newNodeSchema = Type.Object(
  { ...newFields, driver: Type.String({ minLength: 1, maxLength: 255 }), uuid: Type.Optional(text) },
  { additionalProperties: false },
);
export type NewNodeBody = Static<typeof newNodeSchema>;

/** A patched node: the fields a patch may touch. */
export const editedNodeSchema = Type.Object(fields, { additionalProperties: true });
export type EditedNode = Static<typeof editedNodeSchema>;

/** What a patch may name; a reason of maintenance comes with the request for it. */
export const editableFields = Object.keys(fields).filter(
  (name) => name !== 'allocation_uuid' && name !== 'maintenance_reason',
);

const priority = Type.Union([Type.Integer({ minimum: 0 }), Type.String({ pattern: '^\\d+$' })]);

export const provisionSchema = Type.Object(
  {
    target: Type.String(),
    configdrive: Type.Optional(Type.Union([Type.String(), Type.Record(Type.String(), Type.Unknown()), Type.Null()])),
    clean_steps: Type.Optional(Type.Array(stepSchema(onChildNodes), { minItems: 1 })),
    deploy_steps: Type.Optional(Type.Array(stepSchema({ priority }), { minItems: 1 })),
    service_steps: Type.Optional(Type.Array(stepSchema(onChildNodes), { minItems: 1 })),
    runbook: Type.Optional(Type.String({ minLength: 1, maxLength: 255 })),
    rescue_password: Type.Optional(Type.String({ minLength: 1 })),
    disable_ramdisk: Type.Optional(Type.Union([Type.Boolean(), Type.Null()])),
  },
  { additionalProperties: false },
);
export type ProvisionBody = Static<typeof provisionSchema>;
