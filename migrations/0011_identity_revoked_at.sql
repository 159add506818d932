-- The list of revocations says when each was made.
alter table identity_revocations add column revoked_at timestamptz not null default now();
