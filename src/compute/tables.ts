// The tables of compute.
import type { ColumnType, Generated, Selectable } from 'kysely';
import type { Database, Transaction } from '../database/index.ts';
import type { RequestedNetwork, ServerFault, TaskState, VmState } from './server/server.ts';

export type Texts = Readonly<Record<string, string>>;
export type JsonObject = Readonly<Record<string, unknown>>;
/** Reads as a value, is written as JSON text. */
type Json<Value> = ColumnType<Value, string | undefined, string>;
type JsonOrNull<Value> = ColumnType<Value | null, string | null | undefined, string | null>;

/** A flavor as a server keeps it. */
export interface FlavorSnapshot {
  readonly id: string;
  readonly name: string;
  readonly ramMb: number;
  readonly vcpus: number;
  readonly diskGb: number;
  readonly ephemeralGb: number;
  readonly swapMb: number;
  readonly extraSpecs: Texts;
}

export interface PortAddress {
  readonly ip: string;
  readonly version: 4 | 6;
  readonly subnetId: string;
  readonly cidr: string;
  readonly gateway: string | null;
  readonly dnsServers: readonly string[];
  readonly routes: readonly { readonly destination: string; readonly nexthop: string }[];
}

export type ComputeTables = {
  compute_flavors: {
    id: string;
    name: string;
    ram_mb: number;
    vcpus: number;
    disk_gb: number;
    ephemeral_gb: number;
    swap_mb: number;
    rxtx_factor: number;
    is_public: boolean;
    disabled: boolean;
    description: string | null;
    extra_specs: Json<Texts>;
    created_at: Generated<Date>;
  };
  compute_flavor_access: { flavor_id: string; project_id: string };
  compute_keypairs: {
    id: Generated<number>;
    user_id: string;
    name: string;
    type: 'ssh' | 'x509';
    public_key: string;
    fingerprint: string;
    created_at: Generated<Date>;
  };
  compute_server_groups: {
    id: string;
    name: string;
    policy: string;
    rules: Json<JsonObject>;
    project_id: string;
    user_id: string;
    created_at: Generated<Date>;
  };
  compute_servers: {
    id: string;
    sequence: Generated<number>;
    name: string;
    hostname: string;
    description: string | null;
    project_id: string;
    user_id: string;
    reservation_id: string;
    launch_index: number;
    vm_state: VmState;
    task_state: TaskState | null;
    power_state: Generated<number>;
    image_id: string | null;
    flavor: Json<FlavorSnapshot>;
    key_name: string | null;
    public_key: string | null;
    user_data: string | null;
    config_drive: boolean;
    metadata: Json<Texts>;
    vendor_data: Json<JsonObject>;
    scheduler_hints: Json<JsonObject>;
    availability_zone: string | null;
    requested_networks: Json<readonly RequestedNetwork[]>;
    requested_node: string | null;
    group_id: string | null;
    node_uuid: string | null;
    fault: JsonOrNull<ServerFault>;
    locked: Generated<boolean>;
    locked_reason: string | null;
    tags: readonly string[];
    access_ip_v4: Generated<string>;
    access_ip_v6: Generated<string>;
    operation_id: string | null;
    launched_at: Date | null;
    created_at: Generated<Date>;
    updated_at: Generated<Date>;
  };
  compute_server_ports: {
    server_id: string;
    port_id: string;
    position: number;
    owned: boolean;
    tag: string | null;
    network_id: string;
    network_name: string;
    mac_address: string;
    fixed_ips: Json<readonly PortAddress[]>;
  };
  compute_quotas: { scope: string; resource: string; hard_limit: number };
  compute_aggregates: {
    id: Generated<number>;
    uuid: string;
    name: string;
    metadata: Json<Texts>;
    hosts: Generated<readonly string[]>;
    created_at: Generated<Date>;
    updated_at: Date | null;
  };
  compute_instance_actions: {
    server_id: string;
    request_id: string;
    action: string;
    user_id: string;
    project_id: string;
    message: string | null;
    operation_id: string | null;
    started_at: Generated<Date>;
    updated_at: Generated<Date>;
    finished_at: Date | null;
    result: string | null;
  };
};

export type FlavorRow = Selectable<ComputeTables['compute_flavors']>;
export type KeypairRow = Selectable<ComputeTables['compute_keypairs']>;
export type ServerRow = Selectable<ComputeTables['compute_servers']>;
export type ServerPortRow = Selectable<ComputeTables['compute_server_ports']>;
export type ServerGroupRow = Selectable<ComputeTables['compute_server_groups']>;
export type InstanceActionRow = Selectable<ComputeTables['compute_instance_actions']>;

export type AggregateRow = Selectable<ComputeTables['compute_aggregates']>;

export const tables = (database: Database) => database.withTables<ComputeTables>();
export const inTables = (tx: Transaction) => tx.withTables<ComputeTables>();
