-- The journal of operations stands beside their rows: what each step came to, and the messages that nobody has read yet.
alter table operation_steps add column outcome json;

create table operation_messages (
  -- the order in which they are read
  id bigint generated always as identity primary key,
  operation_id uuid not null references operations (id) on delete cascade,
  epoch integer not null,
  topic text not null,
  message json not null
);
create index operation_messages_unread on operation_messages (operation_id, epoch, topic, id);

-- What runs has its journal elsewhere: it begins anew as if it were resumed, and its steps look before they act.
update operations set state = 'queued', epoch = epoch + 1, executor_id = null, reason = 'waiting for its turn'
where state in ('running', 'waiting');
drop schema if exists dbos cascade;
