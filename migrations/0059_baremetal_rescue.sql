-- The password of a rescue has a place of its own: in the config drive's it took the instance's with it.
alter table baremetal_nodes add column rescue_password bytea;
