// The tables of bare metal, and how a service narrows the database to them.
import type { ColumnType, Generated, Insertable, JSONColumnType, Selectable, Updateable } from 'kysely';
import type { Database, Transaction } from '../database/index.ts';
import type { ProvisionState } from './node/states.ts';

export type JsonObject = Readonly<Record<string, unknown>>;
/** Reads as an object, is written as JSON text. */
type Json = JSONColumnType<JsonObject, string | undefined, string>;
type JsonOrNull = ColumnType<JsonObject | null, string | null | undefined, string | null>;
type JsonTexts = JSONColumnType<readonly string[], string | undefined, string>;
type Time = ColumnType<Date | null, Date | null | undefined, Date | null>;
type Created = ColumnType<Date, Date | undefined, Date>;
type Flag = ColumnType<boolean, boolean | undefined, boolean>;
type Text = ColumnType<string | null, string | null | undefined, string | null>;
type Bytes = ColumnType<Buffer | null, Buffer | null | undefined, Buffer | null>;

export type NodesTable = {
  id: Generated<number>;
  uuid: string;
  name: Text;
  driver: string;
  rack: Text;
  leaf: Text;
  power_domain: Text;
  conductor_group: Generated<string>;
  shard: Text;
  parent_node: Text;
  chassis_uuid: Text;
  provision_state: ColumnType<ProvisionState, ProvisionState, ProvisionState>;
  target_provision_state: Text;
  provision_updated_at: Time;
  state_deadline_at: Time;
  power_state: Text;
  target_power_state: Text;
  last_error: Text;
  maintenance: Flag;
  maintenance_reason: Text;
  fault: Text;
  reservation: Text;
  operation_id: Text;
  operation_epoch: Generated<number>;
  last_intent: JsonOrNull;
  ended_steps: JsonOrNull;
  awaiting: JsonOrNull;
  driver_info: Json;
  driver_secrets: Bytes;
  driver_internal_info: Json;
  properties: Json;
  extra: Json;
  instance_info: Json;
  instance_uuid: Text;
  instance_name: Text;
  config_drive: Bytes;
  rescue_password: Bytes;
  network_data: Json;
  clean_step: Json;
  deploy_step: Json;
  service_step: Json;
  raid_config: Json;
  target_raid_config: Json;
  traits: Generated<string[]>;
  resource_class: Text;
  bios_interface: Text;
  boot_interface: Text;
  console_interface: Text;
  deploy_interface: Text;
  firmware_interface: Text;
  inspect_interface: Text;
  management_interface: Text;
  network_interface: Text;
  power_interface: Text;
  raid_interface: Text;
  rescue_interface: Text;
  storage_interface: Text;
  vendor_interface: Text;
  allocation_uuid: Text;
  disable_power_off: Flag;
  automated_clean: ColumnType<boolean | null, boolean | null | undefined, boolean | null>;
  protected: Flag;
  protected_reason: Text;
  retired: Flag;
  retired_reason: Text;
  owner: Text;
  lessee: Text;
  description: Text;
  console_enabled: Flag;
  boot_mode: Text;
  secure_boot: ColumnType<boolean | null, boolean | null | undefined, boolean | null>;
  inspection_started_at: Time;
  inspection_finished_at: Time;
  created_at: Created;
  updated_at: Time;
};

type Stamped = {
  id: Generated<number>;
  uuid: string;
  created_at: Created;
  updated_at: Time;
};

export type PortsTable = Stamped & {
  node_uuid: string;
  portgroup_uuid: Text;
  address: string;
  name: Text;
  physical_network: Text;
  pxe_enabled: Flag;
  is_smartnic: Flag;
  local_link_connection: Json;
  internal_info: Json;
  extra: Json;
};

export type PortgroupsTable = Stamped & {
  name: Text;
  node_uuid: string;
  address: Text;
  mode: Generated<string>;
  properties: Json;
  extra: Json;
  internal_info: Json;
  standalone_ports_supported: Flag;
};

export type ChassisTable = Stamped & {
  description: Text;
  extra: Json;
};

export type AllocationsTable = Stamped & {
  name: Text;
  node_uuid: Text;
  state: string;
  last_error: Text;
  resource_class: Text;
  candidate_nodes: JsonTexts;
  traits: JsonTexts;
  extra: Json;
  owner: Text;
};

export type DeployTemplatesTable = Stamped & {
  name: string;
  steps: JSONColumnType<readonly JsonObject[], string, string>;
  extra: Json;
};

export type RunbooksTable = Stamped & {
  name: string;
  steps: JSONColumnType<readonly JsonObject[], string, string>;
  disable_ramdisk: Flag;
  public: Flag;
  owner: Text;
  extra: Json;
};

/** A condition or an action of an inspection rule, as its schema has it. */
type RulePart = { readonly op: string; readonly args: JsonObject; readonly loop?: readonly unknown[] | string };

export type InspectionRulesTable = Stamped & {
  description: Text;
  phase: Generated<string>;
  priority: Generated<number>;
  sensitive: Flag;
  conditions: JSONColumnType<readonly RulePart[], string, string>;
  actions: JSONColumnType<readonly RulePart[], string, string>;
  /** As it was written in Inspector's words; null for rules that were not. */
  introspection: JsonOrNull;
};

export type VolumeConnectorsTable = Stamped & {
  node_uuid: string;
  type: string;
  connector_id: string;
  extra: Json;
};

export type VolumeTargetsTable = Stamped & {
  node_uuid: string;
  volume_type: string;
  volume_id: string;
  boot_index: number;
  properties: Json;
  extra: Json;
};

export type DiscoveriesTable = {
  uuid: string;
  macs: string[];
  bmc_address: Text;
  inventory: JSONColumnType<JsonObject, string, string>;
  note: Text;
  first_seen_at: Created;
  last_seen_at: Created;
};

/** An exchange with a BMC; `times`: how often it was the same in a row, of which the longest is told. */
export type KeptExchange = {
  readonly at: string;
  readonly method: string;
  readonly path: string;
  readonly status: number | null;
  readonly duration_ms: number;
  readonly times: number;
  readonly said: string | null;
};

export type BaremetalTables = {
  baremetal_conductors: {
    hostname: string;
    conductor_group: Generated<string>;
    drivers: string[];
    created_at: Created;
    updated_at: Created;
  };
  baremetal_chassis: ChassisTable;
  baremetal_nodes: NodesTable;
  baremetal_portgroups: PortgroupsTable;
  baremetal_ports: PortsTable;
  baremetal_allocations: AllocationsTable;
  baremetal_node_history: {
    id: Generated<number>;
    uuid: string;
    node_uuid: string;
    severity: string;
    event_type: string;
    event: string;
    conductor: string;
    user_id: Text;
    operation_id: Text;
    created_at: Created;
  };
  baremetal_inventories: {
    node_uuid: string;
    inventory: Json;
    plugin_data: Json;
    /** What was reported, before anything was derived; null of inspections before this was kept. */
    report: JsonOrNull;
    updated_at: Created;
  };
  baremetal_introspections: { node_uuid: string; started_at: Created; finished_at: Time; error: Text };
  baremetal_agents: {
    node_uuid: string;
    token: Bytes;
    callback_url: Text;
    agent_version: Text;
    status: Text;
    status_message: Text;
    verify_ca: Text;
    heartbeat_at: Time;
  };
  baremetal_agent_logs: { node_uuid: string; operation_id: string; collected_at: Created; logs: Buffer };
  baremetal_bmc_calls: {
    node_uuid: string;
    operation_id: string;
    updated_at: Created;
    exchanges: JSONColumnType<readonly KeptExchange[], string, string>;
    omitted: Generated<number>;
  };
  baremetal_discoveries: DiscoveriesTable;
  baremetal_proven_boots: { image_hash: string; model: string; proven_at: Created };
  baremetal_deploy_templates: DeployTemplatesTable;
  baremetal_runbooks: RunbooksTable;
  baremetal_inspection_rules: InspectionRulesTable;
  baremetal_firmware: {
    node_uuid: string;
    component: string;
    initial_version: Text;
    current_version: Text;
    last_version_flashed: Text;
    created_at: Created;
    updated_at: Time;
  };
  baremetal_volume_connectors: VolumeConnectorsTable;
  baremetal_volume_targets: VolumeTargetsTable;
};

export type DiscoveryRow = Selectable<DiscoveriesTable>;
export type NodeRow = Selectable<NodesTable>;
export type NewNode = Insertable<NodesTable>;
export type NodeUpdate = Updateable<NodesTable>;
export type PortRow = Selectable<PortsTable>;

/** The database, or a transaction on it, with the tables of bare metal. */
export function tables(database: Database | Transaction) {
  return database.withTables<BaremetalTables>();
}
