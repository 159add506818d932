-- Bare metal: nodes, their ports and what is known, wanted and done about them.
create table baremetal_conductors (
  hostname text primary key,
  conductor_group text not null default '',
  drivers text[] not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

create table baremetal_chassis (
  id bigint generated always as identity primary key,
  uuid uuid not null unique,
  description text,
  extra jsonb not null default '{}',
  created_at timestamptz not null default now(),
  updated_at timestamptz
);

create table baremetal_nodes (
  -- order of enrolment: what lists are sorted by unless asked otherwise
  id bigint generated always as identity primary key,
  uuid uuid not null unique,
  name text unique,
  driver text not null,
  -- where it stands: concurrency limits, leaves and failure domains go by these
  rack text,
  leaf text,
  power_domain text,
  conductor_group text not null default '',
  shard text,
  parent_node uuid references baremetal_nodes (uuid),
  chassis_uuid uuid references baremetal_chassis (uuid),

  provision_state text not null,
  target_provision_state text,
  provision_updated_at timestamptz,
  -- when time alone leads out of a waiting state
  state_deadline_at timestamptz,
  power_state text,
  target_power_state text,
  last_error text,
  maintenance boolean not null default false,
  maintenance_reason text,
  fault text,
  reservation text,

  -- the operation that works on it (or did last), the newest epoch that wrote, and the last effect on the machine it set out to make
  operation_id uuid,
  operation_epoch integer not null default 0,
  last_intent jsonb,
  -- which message the operation waits for, so that a heartbeat wakes it once
  awaiting jsonb,

  driver_info jsonb not null default '{}',
  -- the passwords of driver_info, AES-256-GCM
  driver_secrets bytea,
  driver_internal_info jsonb not null default '{}',
  properties jsonb not null default '{}',
  extra jsonb not null default '{}',
  instance_info jsonb not null default '{}',
  instance_uuid uuid unique,
  instance_name text,
  -- the config drive of the instance, AES-256-GCM; never shown
  config_drive bytea,
  network_data jsonb not null default '{}',
  clean_step jsonb not null default '{}',
  deploy_step jsonb not null default '{}',
  service_step jsonb not null default '{}',
  raid_config jsonb not null default '{}',
  target_raid_config jsonb not null default '{}',
  traits text[] not null default '{}',
  resource_class text,

  bios_interface text,
  boot_interface text,
  console_interface text,
  deploy_interface text,
  firmware_interface text,
  inspect_interface text,
  management_interface text,
  network_interface text,
  power_interface text,
  raid_interface text,
  rescue_interface text,
  storage_interface text,
  vendor_interface text,

  allocation_uuid uuid,
  automated_clean boolean,
  protected boolean not null default false,
  protected_reason text,
  retired boolean not null default false,
  retired_reason text,
  owner text,
  lessee text,
  description text,
  console_enabled boolean not null default false,
  boot_mode text,
  secure_boot boolean,
  inspection_started_at timestamptz,
  inspection_finished_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz
);
create index baremetal_nodes_state on baremetal_nodes (provision_state);
create index baremetal_nodes_deadline on baremetal_nodes (state_deadline_at) where state_deadline_at is not null;
create index baremetal_nodes_class on baremetal_nodes (resource_class) where resource_class is not null;

create table baremetal_portgroups (
  id bigint generated always as identity primary key,
  uuid uuid not null unique,
  name text unique,
  node_uuid uuid not null references baremetal_nodes (uuid) on delete cascade,
  address text unique,
  mode text not null default 'active-backup',
  properties jsonb not null default '{}',
  extra jsonb not null default '{}',
  internal_info jsonb not null default '{}',
  standalone_ports_supported boolean not null default true,
  created_at timestamptz not null default now(),
  updated_at timestamptz
);

create table baremetal_ports (
  id bigint generated always as identity primary key,
  uuid uuid not null unique,
  node_uuid uuid not null references baremetal_nodes (uuid) on delete cascade,
  portgroup_uuid uuid references baremetal_portgroups (uuid),
  -- lower case, with colons
  address text not null unique,
  name text,
  physical_network text,
  pxe_enabled boolean not null default true,
  is_smartnic boolean not null default false,
  local_link_connection jsonb not null default '{}',
  internal_info jsonb not null default '{}',
  extra jsonb not null default '{}',
  created_at timestamptz not null default now(),
  updated_at timestamptz
);
create index baremetal_ports_node on baremetal_ports (node_uuid);

create table baremetal_allocations (
  id bigint generated always as identity primary key,
  uuid uuid not null unique,
  name text unique,
  node_uuid uuid references baremetal_nodes (uuid),
  state text not null check (state in ('allocating', 'active', 'error')),
  last_error text,
  resource_class text,
  candidate_nodes jsonb not null default '[]',
  traits jsonb not null default '[]',
  extra jsonb not null default '{}',
  owner text,
  created_at timestamptz not null default now(),
  updated_at timestamptz
);

create table baremetal_node_history (
  id bigint generated always as identity primary key,
  uuid uuid not null unique,
  node_uuid uuid not null references baremetal_nodes (uuid) on delete cascade,
  severity text not null,
  event_type text not null,
  event text not null,
  conductor text not null,
  user_id text,
  operation_id uuid,
  created_at timestamptz not null default now()
);
create index baremetal_node_history_node on baremetal_node_history (node_uuid, id);

create table baremetal_inventories (
  node_uuid uuid primary key references baremetal_nodes (uuid) on delete cascade,
  inventory jsonb not null,
  plugin_data jsonb not null default '{}',
  updated_at timestamptz not null default now()
);

-- The ramdisk that runs on a node now. Apart from the node: a heartbeat must not rewrite the node's wide row.
create table baremetal_agents (
  node_uuid uuid primary key references baremetal_nodes (uuid) on delete cascade,
  -- AES-256-GCM; handed out once a boot
  token bytea,
  callback_url text,
  agent_version text,
  status text,
  status_message text,
  verify_ca text,
  heartbeat_at timestamptz
);

-- Image and machine model that have come up through the firmware together: only these may be started by kexec.
create table baremetal_proven_boots (
  image_hash text not null,
  model text not null,
  proven_at timestamptz not null default now(),
  primary key (image_hash, model)
);

create table baremetal_deploy_templates (
  id bigint generated always as identity primary key,
  uuid uuid not null unique,
  name text not null unique,
  steps jsonb not null,
  extra jsonb not null default '{}',
  created_at timestamptz not null default now(),
  updated_at timestamptz
);

create table baremetal_volume_connectors (
  id bigint generated always as identity primary key,
  uuid uuid not null unique,
  node_uuid uuid not null references baremetal_nodes (uuid) on delete cascade,
  type text not null,
  connector_id text not null,
  extra jsonb not null default '{}',
  created_at timestamptz not null default now(),
  updated_at timestamptz,
  unique (type, connector_id)
);

create table baremetal_volume_targets (
  id bigint generated always as identity primary key,
  uuid uuid not null unique,
  node_uuid uuid not null references baremetal_nodes (uuid) on delete cascade,
  volume_type text not null,
  volume_id text not null,
  boot_index integer not null,
  properties jsonb not null default '{}',
  extra jsonb not null default '{}',
  created_at timestamptz not null default now(),
  updated_at timestamptz,
  unique (node_uuid, boot_index)
);
