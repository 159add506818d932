-- The authority signs for every listener of the server, not for bare metal alone.
alter table baremetal_authorities rename to authorities;
