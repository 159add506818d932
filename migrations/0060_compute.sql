-- Compute: flavors, key pairs, servers on bare-metal nodes, what was done to them.
create table compute_flavors (
  id text primary key,
  name text not null unique,
  ram_mb integer not null,
  vcpus integer not null,
  disk_gb integer not null,
  ephemeral_gb integer not null default 0,
  swap_mb integer not null default 0,
  rxtx_factor double precision not null default 1,
  is_public boolean not null default true,
  disabled boolean not null default false,
  description text,
  -- name -> text; resources:CLASS and trait:TRAIT decide the scheduling
  extra_specs jsonb not null default '{}',
  created_at timestamptz(3) not null default now()
);
create table compute_flavor_access (
  flavor_id text not null references compute_flavors (id) on delete cascade,
  project_id text not null,
  primary key (flavor_id, project_id)
);

create table compute_keypairs (
  id bigint generated always as identity unique,
  user_id text not null,
  name text not null,
  type text not null check (type in ('ssh', 'x509')),
  public_key text not null,
  fingerprint text not null,
  created_at timestamptz(3) not null default now(),
  primary key (user_id, name)
);

create table compute_server_groups (
  id uuid primary key,
  name text not null,
  policy text not null,
  rules jsonb not null default '{}',
  project_id text not null,
  user_id text not null,
  created_at timestamptz(3) not null default now()
);

create table compute_servers (
  id uuid primary key,
  sequence bigint generated always as identity unique,
  name text not null,
  hostname text not null,
  description text,
  project_id text not null,
  user_id text not null,
  reservation_id text not null,
  launch_index integer not null default 0,
  vm_state text not null check (vm_state in ('building', 'active', 'stopped', 'rescued', 'error')),
  task_state text,
  -- Nova's numbers: 0 no state, 1 running, 4 shut down
  power_state integer not null default 0,
  image_id uuid,
  -- the flavor as it was when the server was made
  flavor jsonb not null,
  key_name text,
  public_key text,
  user_data text,
  config_drive boolean not null default true,
  metadata jsonb not null default '{}',
  -- what the creator inside the program adds to the config drive's vendor_data.json
  vendor_data jsonb not null default '{}',
  scheduler_hints jsonb not null default '{}',
  availability_zone text,
  -- networks and ports as they were asked for
  requested_networks jsonb not null,
  requested_node text,
  group_id uuid references compute_server_groups (id) on delete set null,
  node_uuid text,
  fault jsonb,
  locked boolean not null default false,
  locked_reason text,
  tags text[] not null default '{}',
  access_ip_v4 text not null default '',
  access_ip_v6 text not null default '',
  operation_id uuid,
  launched_at timestamptz(3),
  created_at timestamptz(3) not null default now(),
  updated_at timestamptz(3) not null default now()
);
create index compute_servers_project on compute_servers (project_id, created_at desc);
create unique index compute_servers_node on compute_servers (node_uuid) where node_uuid is not null;

-- The ports of a server, with what the network service said of them last.
create table compute_server_ports (
  server_id uuid not null references compute_servers (id) on delete cascade,
  port_id text not null,
  position integer not null,
  -- made for this server and deleted with it
  owned boolean not null,
  tag text,
  network_id text not null,
  network_name text not null,
  mac_address text not null,
  -- [{subnet_id, ip_address, ...}]
  fixed_ips jsonb not null,
  primary key (server_id, port_id)
);

create table compute_instance_actions (
  server_id uuid not null,
  request_id text not null,
  action text not null,
  user_id text not null,
  project_id text not null,
  message text,
  operation_id uuid,
  started_at timestamptz(3) not null default now(),
  updated_at timestamptz(3) not null default now(),
  -- null while it runs
  finished_at timestamptz(3),
  result text,
  primary key (server_id, request_id, action)
);
