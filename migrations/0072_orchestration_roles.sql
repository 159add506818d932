-- The roles with which a stack acts on other services: those its owner had when it was created.
alter table stacks add column owner_roles text[] not null default '{member,reader}';
