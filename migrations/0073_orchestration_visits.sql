-- Checking, suspending and resuming visit what a stack has; snapshots keep what it was made from.
alter table stack_vertices drop constraint stack_vertices_action_check;
alter table stack_vertices add constraint stack_vertices_action_check check (action in ('converge', 'delete', 'visit'));

create table stack_snapshots (
  id uuid primary key,
  stack_id uuid not null references stacks (id) on delete cascade,
  name text,
  -- the generation it goes back to, and the stack's export at that moment
  generation integer not null,
  data jsonb not null,
  creation_time timestamptz not null default now()
);
create index stack_snapshots_stack on stack_snapshots (stack_id, creation_time);
