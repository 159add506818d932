-- Where a rollback goes back to, and whether results have come in since the last round.
alter table stacks add column complete_generation integer;
alter table stacks add column stirred boolean not null default false;
update stacks set complete_generation = generation where parent_id is null and status = 'COMPLETE' and action in ('CREATE', 'UPDATE');
