-- Identity: who may do what, and where the services are.

-- Caches of callers and of the catalogue hold as long as this number stands still.
create table identity_generation (value bigint not null);
insert into identity_generation values (1);
create function identity_changed() returns trigger language plpgsql as $$
begin
  update identity_generation set value = value + 1;
  return null;
end $$;

-- Token signing keys. The newest active one signs; the others verify until the last token they signed has run out.
create table identity_keys (
  id text primary key,
  public_jwk jsonb not null,
  private_sealed bytea not null,
  created_at timestamptz not null default now(),
  retired_at timestamptz
);

create table identity_regions (
  id text primary key,
  description text not null default '',
  parent_region_id text references identity_regions (id),
  extra jsonb not null default '{}'
);

create table identity_services (
  id text primary key,
  type text not null,
  name text,
  description text,
  enabled boolean not null default true,
  extra jsonb not null default '{}'
);

create table identity_endpoints (
  id text primary key,
  service_id text not null references identity_services (id) on delete cascade,
  region_id text references identity_regions (id),
  interface text not null check (interface in ('public', 'internal', 'admin')),
  url text not null,
  enabled boolean not null default true,
  name text,
  description text,
  extra jsonb not null default '{}'
);
create index identity_endpoints_service on identity_endpoints (service_id);

-- Projects and domains; a domain is a project that acts as one.
create table identity_projects (
  id text primary key,
  name text not null,
  is_domain boolean not null default false,
  domain_id text references identity_projects (id) on delete cascade,
  parent_id text references identity_projects (id) on delete cascade,
  description text not null default '',
  enabled boolean not null default true,
  tags text[] not null default '{}',
  options jsonb not null default '{}',
  extra jsonb not null default '{}',
  check (is_domain = (domain_id is null)),
  check (is_domain = (parent_id is null))
);
create unique index identity_projects_name on identity_projects (domain_id, name) where not is_domain;
create unique index identity_domains_name on identity_projects (name) where is_domain;
create index identity_projects_parent on identity_projects (parent_id);

create table identity_users (
  id text primary key,
  name text not null,
  domain_id text not null references identity_projects (id) on delete cascade,
  default_project_id text,
  description text,
  enabled boolean not null default true,
  password_hash text,
  password_created_at timestamptz,
  password_expires_at timestamptz,
  -- an administrator set it: the first-use rule asks the user for another
  password_by_admin boolean not null default false,
  failed_auths integer not null default 0,
  failed_auth_at timestamptz,
  last_active_on date,
  -- tokens issued before this moment are revoked
  tokens_valid_from timestamptz not null default '-infinity',
  options jsonb not null default '{}',
  extra jsonb not null default '{}',
  created_at timestamptz not null default now(),
  unique (domain_id, name)
);

create table identity_past_passwords (
  user_id text not null references identity_users (id) on delete cascade,
  password_hash text not null,
  created_at timestamptz not null default now()
);
create index identity_past_passwords_user on identity_past_passwords (user_id, created_at desc);

create table identity_groups (
  id text primary key,
  name text not null,
  domain_id text not null references identity_projects (id) on delete cascade,
  description text not null default '',
  extra jsonb not null default '{}',
  unique (domain_id, name)
);

create table identity_memberships (
  user_id text not null references identity_users (id) on delete cascade,
  group_id text not null references identity_groups (id) on delete cascade,
  primary key (user_id, group_id)
);
create index identity_memberships_group on identity_memberships (group_id);

create table identity_roles (
  id text primary key,
  name text not null,
  domain_id text references identity_projects (id) on delete cascade,
  description text,
  options jsonb not null default '{}',
  extra jsonb not null default '{}'
);
create unique index identity_roles_name on identity_roles (coalesce(domain_id, ''), name);

create table identity_implied_roles (
  prior_role_id text not null references identity_roles (id) on delete cascade,
  implied_role_id text not null references identity_roles (id) on delete cascade,
  primary key (prior_role_id, implied_role_id)
);

-- Exactly one actor and one target; the system is the target when both others are null.
create table identity_assignments (
  user_id text references identity_users (id) on delete cascade,
  group_id text references identity_groups (id) on delete cascade,
  project_id text references identity_projects (id) on delete cascade,
  domain_id text references identity_projects (id) on delete cascade,
  role_id text not null references identity_roles (id) on delete cascade,
  -- holds for the projects below the target instead of for the target
  inherited boolean not null default false,
  check (num_nonnulls(user_id, group_id) = 1),
  check (num_nonnulls(project_id, domain_id) <= 1),
  unique nulls not distinct (user_id, group_id, project_id, domain_id, role_id, inherited)
);
create index identity_assignments_project on identity_assignments (project_id) where project_id is not null;
create index identity_assignments_domain on identity_assignments (domain_id) where domain_id is not null;
create index identity_assignments_group on identity_assignments (group_id) where group_id is not null;
create index identity_assignments_role on identity_assignments (role_id);

create table identity_trusts (
  id text primary key,
  trustor_user_id text not null references identity_users (id) on delete cascade,
  trustee_user_id text not null references identity_users (id) on delete cascade,
  project_id text references identity_projects (id) on delete cascade,
  impersonation boolean not null,
  expires_at timestamptz,
  remaining_uses integer,
  allow_redelegation boolean not null default false,
  redelegation_count integer,
  redelegated_trust_id text references identity_trusts (id) on delete cascade,
  role_ids text[] not null,
  created_at timestamptz not null default now(),
  deleted_at timestamptz
);
create index identity_trusts_trustor on identity_trusts (trustor_user_id);
create index identity_trusts_trustee on identity_trusts (trustee_user_id);

create table identity_application_credentials (
  id text primary key,
  name text not null,
  secret_hash text not null,
  user_id text not null references identity_users (id) on delete cascade,
  project_id text not null references identity_projects (id) on delete cascade,
  description text,
  expires_at timestamptz,
  unrestricted boolean not null default false,
  role_ids text[] not null,
  -- null: no access rules; every request is allowed
  access_rule_ids text[],
  created_at timestamptz not null default now(),
  unique (user_id, name)
);

create table identity_access_rules (
  id text primary key,
  user_id text not null references identity_users (id) on delete cascade,
  service text not null,
  path text not null,
  method text not null,
  unique (user_id, service, path, method)
);

-- Secrets of other kinds (EC2 keys, TOTP seeds, ...), sealed.
create table identity_credentials (
  id text primary key,
  user_id text not null,
  project_id text,
  type text not null,
  blob_sealed bytea not null,
  -- EC2 credentials are found by their access key
  access text unique,
  application_credential_id text references identity_application_credentials (id) on delete cascade,
  trust_id text references identity_trusts (id) on delete cascade,
  extra jsonb not null default '{}'
);
create index identity_credentials_user on identity_credentials (user_id);

-- A one-time password is accepted once.
create table identity_used_passcodes (
  credential_id text not null references identity_credentials (id) on delete cascade,
  step bigint not null,
  primary key (credential_id, step)
);

create table identity_revocations (
  id bigint generated always as identity primary key,
  audit_id text,
  audit_chain_id text,
  expires_at timestamptz not null
);
create index identity_revocations_audit on identity_revocations (audit_id);
create index identity_revocations_chain on identity_revocations (audit_chain_id);

create table identity_policies (
  id text primary key,
  type text not null,
  blob text not null,
  extra jsonb not null default '{}'
);
create table identity_policy_associations (
  policy_id text not null references identity_policies (id) on delete cascade,
  endpoint_id text references identity_endpoints (id) on delete cascade,
  service_id text references identity_services (id) on delete cascade,
  region_id text references identity_regions (id) on delete cascade,
  unique nulls not distinct (endpoint_id, service_id, region_id)
);

create table identity_registered_limits (
  id text primary key,
  service_id text not null references identity_services (id),
  region_id text references identity_regions (id),
  resource_name text not null,
  default_limit integer not null,
  description text,
  unique nulls not distinct (service_id, region_id, resource_name)
);
create table identity_limits (
  id text primary key,
  registered_limit_id text not null references identity_registered_limits (id),
  project_id text references identity_projects (id) on delete cascade,
  domain_id text references identity_projects (id) on delete cascade,
  resource_limit integer not null,
  description text,
  check (num_nonnulls(project_id, domain_id) = 1),
  unique nulls not distinct (registered_limit_id, project_id, domain_id)
);

create table identity_endpoint_groups (
  id text primary key,
  name text not null,
  description text,
  filters jsonb not null
);
create table identity_project_endpoint_groups (
  endpoint_group_id text not null references identity_endpoint_groups (id) on delete cascade,
  project_id text not null references identity_projects (id) on delete cascade,
  primary key (endpoint_group_id, project_id)
);
create table identity_project_endpoints (
  endpoint_id text not null references identity_endpoints (id) on delete cascade,
  project_id text not null references identity_projects (id) on delete cascade,
  primary key (endpoint_id, project_id)
);

create table identity_domain_options (
  domain_id text not null references identity_projects (id) on delete cascade,
  option_group text not null,
  option text not null,
  value jsonb not null,
  primary key (domain_id, option_group, option)
);

do $$
declare changing text;
begin
  foreach changing in array array['identity_keys', 'identity_regions', 'identity_services', 'identity_endpoints',
    'identity_projects', 'identity_users', 'identity_memberships', 'identity_roles', 'identity_implied_roles', 'identity_assignments',
    'identity_trusts', 'identity_application_credentials', 'identity_access_rules', 'identity_revocations',
    'identity_project_endpoint_groups', 'identity_project_endpoints', 'identity_endpoint_groups'] loop
    if changing = 'identity_users' then
      -- what every login touches (failures, last activity) changes no answer that is cached
      execute 'create trigger changed after insert or delete or update of name, domain_id, default_project_id, enabled,
        password_hash, password_expires_at, tokens_valid_from, options on identity_users for each statement execute function identity_changed()';
    else
      execute format('create trigger changed after insert or update or delete or truncate on %I for each statement execute function identity_changed()', changing);
    end if;
  end loop;
end $$;
