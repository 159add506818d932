-- What hangs on a node is looked for by it, and goes with it.
create index baremetal_portgroups_node on baremetal_portgroups (node_uuid);
create index baremetal_allocations_node on baremetal_allocations (node_uuid) where node_uuid is not null;
create index baremetal_volume_connectors_node on baremetal_volume_connectors (node_uuid);
