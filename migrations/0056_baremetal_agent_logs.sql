-- What a ramdisk told of itself when work on its machine failed: a gzipped tar.
create table baremetal_agent_logs (
  node_uuid uuid not null references baremetal_nodes (uuid) on delete cascade,
  operation_id text not null,
  collected_at timestamptz not null default now(),
  logs bytea not null,
  primary key (node_uuid, operation_id)
);
