-- What was said to a node's BMC in an operation: the latest exchanges, without secrets, and how many older ones are gone.
create table baremetal_bmc_calls (
  node_uuid uuid not null references baremetal_nodes (uuid) on delete cascade,
  operation_id text not null,
  updated_at timestamptz not null default now(),
  exchanges jsonb not null,
  omitted integer not null default 0,
  primary key (node_uuid, operation_id)
);
