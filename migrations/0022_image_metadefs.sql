-- Metadata definitions: which properties people may put on images, flavors and servers, grouped in namespaces.
create table metadef_namespaces (
  id bigint generated always as identity primary key,
  namespace text not null unique,
  display_name text,
  description text,
  visibility text not null check (visibility in ('public', 'private')),
  protected boolean not null default false,
  owner text,
  created_at timestamptz(3) not null default now(),
  updated_at timestamptz(3) not null default now()
);

-- Properties, objects and tags of a namespace: a name and what the API was given for it.
create table metadef_definitions (
  namespace_id bigint not null references metadef_namespaces (id) on delete cascade,
  kind text not null check (kind in ('property', 'object', 'tag')),
  name text not null,
  definition jsonb not null,
  created_at timestamptz(3) not null default now(),
  updated_at timestamptz(3) not null default now(),
  primary key (namespace_id, kind, name)
);

create table metadef_resource_types (
  name text primary key,
  created_at timestamptz(3) not null default now(),
  updated_at timestamptz(3) not null default now()
);
insert into metadef_resource_types (name)
values ('OS::Glance::Image'), ('OS::Nova::Aggregate'), ('OS::Nova::Flavor'), ('OS::Nova::Server');

create table metadef_associations (
  namespace_id bigint not null references metadef_namespaces (id) on delete cascade,
  resource_type text not null references metadef_resource_types (name),
  prefix text,
  properties_target text,
  created_at timestamptz(3) not null default now(),
  updated_at timestamptz(3) not null default now(),
  primary key (namespace_id, resource_type)
);
