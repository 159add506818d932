-- A rule that came through the introspection API, as it was written there; null for all others.
alter table baremetal_inspection_rules add column introspection jsonb;
