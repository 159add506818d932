-- The steps that a node's operation has ended: resumed, it does not do them again.
alter table baremetal_nodes add column ended_steps jsonb;
