-- Stacks with their inputs per generation, resources, the graph in work, events, plans, software configs and deployments.
create table stacks (
  id uuid primary key,
  -- the stack at the top of the tree; nested stacks are rows too, for Heat's API shows them as stacks
  root_id uuid not null references stacks (id) on delete cascade deferrable initially deferred,
  parent_id uuid references stacks (id) on delete cascade,
  -- path of the resource that is this nested stack, from the root: '' for the root itself
  path text not null default '',
  name text not null,
  project_id text not null,
  owner_id text not null,
  owner_name text not null,
  description text not null default '',
  action text not null,
  status text not null,
  status_reason text not null default '',
  disable_rollback boolean not null default true,
  timeout_mins integer,
  tags text[] not null default '{}',
  -- the generation that the resources are at or move to
  generation integer not null default 1,
  operation_id uuid,
  creation_time timestamptz not null default now(),
  updated_time timestamptz,
  deletion_time timestamptz
);
create unique index stacks_name on stacks (project_id, name) where parent_id is null and deletion_time is null;
create unique index stacks_path on stacks (root_id, path) where deletion_time is null;
create index stacks_parent on stacks (parent_id) where parent_id is not null;

-- Templates, environments, files and parameters as they were given: an operation is a delta on them.
create table stack_generations (
  stack_id uuid not null references stacks (id) on delete cascade,
  generation integer not null,
  inputs jsonb not null,
  created_at timestamptz not null default now(),
  primary key (stack_id, generation)
);

create table resources (
  id uuid primary key,
  root_id uuid not null references stacks (id) on delete cascade,
  stack_id uuid not null references stacks (id) on delete cascade,
  -- path from the root: outer/inner; a replaced one waits for its deletion under path@ID
  path text not null,
  name text not null,
  type text not null,
  action text not null,
  status text not null,
  status_reason text not null default '',
  physical_id text,
  properties jsonb not null default '{}',
  attributes jsonb not null default '{}',
  metadata jsonb not null default '{}',
  -- what the type keeps for itself between create, update and delete
  data jsonb not null default '{}',
  -- paths of what it needs
  requires text[] not null default '{}',
  deletion_policy text not null default 'Delete',
  generation integer not null,
  creation_time timestamptz not null default now(),
  updated_time timestamptz not null default now(),
  unique (root_id, path)
);
create index resources_stack on resources (stack_id);
create index resources_physical on resources (physical_id) where physical_id is not null;

-- The graph in work. A vertex is ready when none of what it waits for is open; a failed or parked one holds back only what hangs on it.
create table stack_vertices (
  root_id uuid not null references stacks (id) on delete cascade,
  path text not null,
  action text not null check (action in ('converge', 'delete')),
  state text not null check (state in ('waiting', 'running', 'done', 'failed', 'parked')),
  -- what must be done before, as ACTION:PATH
  requires text[] not null default '{}',
  attempt integer not null default 0,
  operation_id uuid,
  reason text,
  primary key (root_id, path, action)
);
create index stack_vertices_operation on stack_vertices (operation_id) where operation_id is not null;

create table stack_events (
  id uuid primary key,
  sequence bigint generated always as identity,
  root_id uuid not null references stacks (id) on delete cascade,
  stack_id uuid not null references stacks (id) on delete cascade,
  resource_name text not null,
  resource_type text not null,
  physical_id text,
  action text not null,
  status text not null,
  status_reason text not null,
  properties jsonb not null default '{}',
  at timestamptz not null default clock_timestamp()
);
create index stack_events_stack on stack_events (stack_id, sequence);
create index stack_events_root on stack_events (root_id, sequence);

create table stack_plans (
  id uuid primary key,
  project_id text not null,
  stack_name text not null,
  stack_id uuid,
  base_generation integer,
  digest text not null,
  inputs jsonb not null,
  document jsonb not null,
  created_by text not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null
);

create table software_configs (
  id uuid primary key,
  project_id text not null,
  name text not null,
  config_group text not null,
  config jsonb,
  inputs jsonb not null default '[]',
  outputs jsonb not null default '[]',
  options jsonb,
  creation_time timestamptz not null default now()
);
create index software_configs_project on software_configs (project_id, creation_time, id);

create table software_deployments (
  id uuid primary key,
  project_id text not null,
  server_id text not null,
  config_id uuid not null references software_configs (id),
  stack_id uuid references stacks (id) on delete set null,
  resource_name text,
  action text not null,
  status text not null,
  status_reason text not null default '',
  input_values jsonb,
  output_values jsonb,
  -- woken when the machine reports
  operation_id uuid,
  creation_time timestamptz not null default now(),
  updated_time timestamptz
);
create index software_deployments_server on software_deployments (server_id, creation_time);

-- What the machines of a stack have said of themselves.
create table machine_reports (
  server_id text primary key,
  agent_version text,
  -- of the configuration that runs
  digest text,
  phase text,
  first_seen_at timestamptz not null default now(),
  seen_at timestamptz not null default now(),
  -- resource metadata beside the deployments
  metadata jsonb not null default '{}'
);
