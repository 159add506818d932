-- The last inspection of each node and how it ended, and what was reported in it before anything was derived.
create table baremetal_introspections (
  node_uuid uuid primary key references baremetal_nodes (uuid) on delete cascade,
  started_at timestamptz not null,
  finished_at timestamptz,
  error text
);
create index baremetal_introspections_order on baremetal_introspections (started_at desc, node_uuid);

insert into baremetal_introspections (node_uuid, started_at, finished_at, error)
select uuid, inspection_started_at,
  case when provision_state not in ('inspecting', 'inspect wait') then coalesce(inspection_finished_at, provision_updated_at, now()) end,
  case when inspection_finished_at is null and provision_state not in ('inspecting', 'inspect wait')
    then coalesce(last_error, 'The inspection did not succeed.') end
from baremetal_nodes where inspection_started_at is not null;

alter table baremetal_inventories add column report jsonb;
