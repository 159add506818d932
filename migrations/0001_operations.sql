-- Durable operations: what a person or a client waits for, with its owner, reason and deadline.
create table operations (
  id uuid primary key,
  -- the order of the queue on a target
  sequence bigint generated always as identity,
  kind text not null,
  target text not null,
  project_id text,
  requested_by text not null,
  request_id text,
  parent_id uuid references operations (id) on delete cascade,
  state text not null check (state in ('queued', 'running', 'waiting', 'parked', 'done', 'failed', 'cancelled')),
  input jsonb not null,
  result jsonb,
  -- why it stands where it stands, for a person: the step, or what is waited for
  reason text,
  progress_done bigint,
  progress_total bigint,
  progress_unit text,
  progress_at timestamptz,
  deadline_at timestamptz,
  failure_cause text,
  failure_hint text,
  -- a worker whose epoch is stale writes nothing
  epoch integer not null default 1,
  executor_id text,
  created_at timestamptz not null default now(),
  started_at timestamptz,
  updated_at timestamptz not null default now(),
  finished_at timestamptz
);
create index operations_target on operations (target, sequence);
create index operations_open on operations (target, sequence) where state in ('queued', 'running', 'waiting');
create index operations_deadline on operations (deadline_at) where state in ('queued', 'running', 'waiting');
create index operations_executor on operations (executor_id) where state in ('running', 'waiting');
create index operations_parent on operations (parent_id) where parent_id is not null;

-- What an operation did and when, for people and for measuring.
create table operation_steps (
  operation_id uuid not null references operations (id) on delete cascade,
  epoch integer not null,
  number integer not null,
  name text not null,
  started_at timestamptz not null default clock_timestamp(),
  finished_at timestamptz,
  primary key (operation_id, epoch, number)
);

-- Executors: processes that run operations; a survivor takes over from one whose heartbeat stopped.
create table executors (
  id text primary key,
  hostname text not null,
  pid integer not null,
  heartbeat_at timestamptz not null default now()
);

-- The append-only event log. Readers stop below pg_snapshot_xmin, so a late commit is never skipped.
create table events (
  id bigint generated always as identity primary key,
  transaction_id xid8 not null default pg_current_xact_id(),
  at timestamptz not null default clock_timestamp(),
  kind text not null,
  subject text not null,
  project_id text,
  request_id text,
  operation_id uuid,
  payload jsonb not null default '{}'
);
-- Readers go by (transaction_id, id): below the oldest running transaction nothing can appear any more.
create index events_order on events (transaction_id, id);
create index events_subject on events (subject, id);
create index events_operation on events (operation_id, id) where operation_id is not null;
