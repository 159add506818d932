-- Runbooks, inspection rules, firmware versions; names of ports are unique; a machine may be kept from being switched off.
alter table baremetal_nodes add column disable_power_off boolean not null default false;
create index baremetal_nodes_parent on baremetal_nodes (parent_node) where parent_node is not null;
alter table baremetal_ports add constraint baremetal_ports_name_key unique (name);

create table baremetal_runbooks (
  id bigint generated always as identity primary key,
  uuid uuid not null unique,
  name text not null unique,
  steps jsonb not null,
  disable_ramdisk boolean not null default false,
  public boolean not null default false,
  owner text,
  extra jsonb not null default '{}',
  created_at timestamptz not null default now(),
  updated_at timestamptz
);

create table baremetal_inspection_rules (
  id bigint generated always as identity primary key,
  uuid uuid not null unique,
  description text,
  phase text not null default 'main',
  priority integer not null default 0,
  sensitive boolean not null default false,
  conditions jsonb not null default '[]',
  actions jsonb not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz
);

-- What firmware was found on a node, first and last.
create table baremetal_firmware (
  node_uuid uuid not null references baremetal_nodes (uuid) on delete cascade,
  component text not null,
  initial_version text,
  current_version text,
  last_version_flashed text,
  created_at timestamptz not null default now(),
  updated_at timestamptz,
  primary key (node_uuid, component)
);
