-- Machines that nobody has enrolled, and that have booted from the provisioning network.
create table baremetal_discoveries (
  uuid uuid primary key,
  macs text[] not null,
  bmc_address text,
  inventory jsonb not null,
  -- why it was not enrolled by itself
  note text,
  first_seen_at timestamptz not null default now(),
  last_seen_at timestamptz not null default now()
);
