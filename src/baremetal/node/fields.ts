// The fields of a node document: since which microversion, and how they are made from the row.
import { atLeast } from '../../openstack/index.ts';
import { type Field, type FieldTable, links, type RenderContext, time } from '../document/fields.ts';
import type { JsonObject, NodeRow } from '../store.ts';

type NodeField = Field<NodeRow>;

/** The columns that a client reads as they are. */
function plain(name: keyof NodeRow, since?: string): NodeField {
  return since === undefined ? { render: (row) => row[name] } : { since, render: (row) => row[name] };
}

function instant(read: (row: NodeRow) => Date | null, since?: string): NodeField {
  return since === undefined ? { render: (row) => time(read(row)) } : { since, render: (row) => time(read(row)) };
}

function subresource(name: string, since?: string): NodeField {
  const render = (row: NodeRow, context: RenderContext) => links(context, `nodes/${row.uuid}/${name}`);
  return { ...(since === undefined ? {} : { since }), render, selectable: false };
}

const secretKey = /password|secret|token|passphrase|credential|snmp_(auth|priv)_key|ipmi_hex_kg_key/i;
export const mask = '******';

/** Is this key of driver_info one whose value nobody may read back? */
export function isSecretKey(key: string): boolean {
  return secretKey.test(key) && !/_(file|path)$/.test(key);
}

/** Older versions know neither "available" nor the waiting part of inspection. */
function provisionState(state: string | null, { version }: RenderContext): string | null {
  if (state === 'available' && !atLeast(version, '1.2')) return null;
  if (state === 'inspect wait' && !atLeast(version, '1.39')) return 'inspecting';
  return state;
}

function masked(info: object): JsonObject {
  return Object.fromEntries(
    Object.entries(info).map(([key, value]) => [key, isSecretKey(key) ? mask : maskedWithin(value)]),
  );
}

function maskedWithin(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(maskedWithin);
  return typeof value === 'object' && value !== null ? masked(value) : value;
}

/** Instance info may hold a config drive or the temporary URL of an image, which are as good as a password. */
function maskedInstanceInfo(info: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(masked(info)).map(([key, value]) => [
      key,
      /^(configdrive|image_url|swift_temp_url)$/.test(key) ? mask : value,
    ]),
  );
}

export const nodeFields: FieldTable<NodeRow> = {
  uuid: plain('uuid'),
  name: plain('name', '1.5'),
  allocation_uuid: plain('allocation_uuid', '1.52'),
  automated_clean: plain('automated_clean', '1.47'),
  bios_interface: plain('bios_interface', '1.40'),
  boot_interface: plain('boot_interface', '1.31'),
  boot_mode: plain('boot_mode', '1.75'),
  chassis_uuid: plain('chassis_uuid'),
  clean_step: { since: '1.7', render: (row) => masked(row.clean_step) },
  conductor: { since: '1.49', render: (_row, context) => context.host },
  conductor_group: plain('conductor_group', '1.46'),
  console_enabled: plain('console_enabled'),
  console_interface: plain('console_interface', '1.31'),
  created_at: instant((row) => row.created_at),
  deploy_interface: plain('deploy_interface', '1.31'),
  deploy_step: { since: '1.44', render: (row) => masked(row.deploy_step) },
  description: plain('description', '1.51'),
  disable_power_off: plain('disable_power_off', '1.95'),
  driver: plain('driver'),
  driver_info: { render: (row) => masked(row.driver_info) },
  driver_internal_info: { since: '1.3', render: (row) => masked(row.driver_internal_info) },
  extra: plain('extra'),
  fault: plain('fault', '1.42'),
  firmware_interface: plain('firmware_interface', '1.86'),
  inspect_interface: plain('inspect_interface', '1.31'),
  inspection_finished_at: instant((row) => row.inspection_finished_at, '1.6'),
  inspection_started_at: instant((row) => row.inspection_started_at, '1.6'),
  instance_info: { render: (row) => maskedInstanceInfo(row.instance_info) },
  instance_uuid: plain('instance_uuid'),
  last_error: plain('last_error'),
  lessee: plain('lessee', '1.65'),
  maintenance: plain('maintenance'),
  maintenance_reason: plain('maintenance_reason'),
  management_interface: plain('management_interface', '1.31'),
  network_data: plain('network_data', '1.66'),
  network_interface: plain('network_interface', '1.20'),
  owner: plain('owner', '1.50'),
  parent_node: plain('parent_node', '1.83'),
  portgroups: subresource('portgroups', '1.24'),
  ports: subresource('ports'),
  power_interface: plain('power_interface', '1.31'),
  power_state: plain('power_state'),
  properties: plain('properties'),
  protected: plain('protected', '1.48'),
  protected_reason: plain('protected_reason', '1.48'),
  provision_state: { render: (row, context) => provisionState(row.provision_state, context) },
  provision_updated_at: instant((row) => row.provision_updated_at),
  raid_config: plain('raid_config', '1.12'),
  raid_interface: plain('raid_interface', '1.31'),
  rescue_interface: plain('rescue_interface', '1.38'),
  reservation: plain('reservation'),
  resource_class: plain('resource_class', '1.21'),
  retired: plain('retired', '1.61'),
  retired_reason: plain('retired_reason', '1.61'),
  secure_boot: plain('secure_boot', '1.75'),
  service_step: { since: '1.87', render: (row) => masked(row.service_step) },
  shard: plain('shard', '1.82'),
  states: subresource('states', '1.14'),
  storage_interface: plain('storage_interface', '1.33'),
  target_power_state: plain('target_power_state'),
  target_provision_state: { render: (row, context) => provisionState(row.target_provision_state, context) },
  target_raid_config: plain('target_raid_config', '1.12'),
  traits: plain('traits', '1.37'),
  updated_at: instant((row) => row.updated_at),
  vendor_interface: plain('vendor_interface', '1.31'),
  volume: subresource('volume', '1.32'),
  links: { render: (row, context) => links(context, `nodes/${row.uuid}`), selectable: false },
};

/** What a plain list shows of each node. */
export const listFields = ['uuid', 'name', 'instance_uuid', 'maintenance', 'power_state', 'provision_state', 'links'];

/** What GET /v1/nodes/{node}/states shows. */
export const stateFields = [
  'boot_mode',
  'console_enabled',
  'last_error',
  'power_state',
  'provision_state',
  'provision_updated_at',
  'raid_config',
  'secure_boot',
  'target_power_state',
  'target_provision_state',
  'target_raid_config',
];

/** What lists may be sorted by: scalar columns only. */
export const sortableFields = Object.keys(nodeFields).filter(
  (name) =>
    ![
      'links',
      'ports',
      'portgroups',
      'states',
      'volume',
      'traits',
      'conductor',
      'driver_info',
      'driver_internal_info',
      'properties',
      'extra',
      'instance_info',
      'network_data',
      'clean_step',
      'deploy_step',
      'service_step',
      'raid_config',
      'target_raid_config',
    ].includes(name),
);
