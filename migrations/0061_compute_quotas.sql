-- How much a project may have, and groups of hosts.
create table compute_quotas (
  -- `project:ID`, or `class:default` for those that have no limit of their own
  scope text not null,
  resource text not null,
  -- -1: none
  hard_limit integer not null,
  primary key (scope, resource)
);

create table compute_aggregates (
  id integer generated always as identity primary key,
  uuid uuid not null unique,
  name text not null unique,
  metadata jsonb not null default '{}',
  hosts text[] not null default '{}',
  created_at timestamptz(3) not null default now(),
  updated_at timestamptz(3)
);
