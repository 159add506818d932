-- Networks, subnets, ports and their addresses. Columns bear the API's attribute names.
create table network_networks (
  id text primary key,
  project_id text not null,
  name text not null default '',
  description text not null default '',
  admin_state_up boolean not null default true,
  shared boolean not null default false,
  mtu integer not null default 1500,
  "router:external" boolean not null default false,
  is_default boolean not null default false,
  port_security_enabled boolean not null default true,
  dns_domain text not null default '',
  availability_zone_hints text[] not null default '{}',
  tags text[] not null default '{}',
  revision_number integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index network_networks_name on network_networks (name);
create index network_networks_project on network_networks (project_id);

-- Where a network lies: one segment in the usual case, one a rack in a routed network.
create table network_segments (
  id text primary key,
  network_id text not null references network_networks (id) on delete cascade,
  name text,
  description text,
  network_type text not null,
  physical_network text,
  segmentation_id integer,
  revision_number integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index network_segments_network on network_segments (network_id);
create unique index network_segments_vlan on network_segments (physical_network, segmentation_id) where network_type = 'vlan';
create unique index network_segments_flat on network_segments (physical_network) where network_type = 'flat';

create table network_address_scopes (
  id text primary key,
  project_id text not null,
  name text not null default '',
  shared boolean not null default false,
  ip_version integer not null check (ip_version in (4, 6))
);

create table network_subnetpools (
  id text primary key,
  project_id text not null,
  name text not null,
  description text not null default '',
  prefixes cidr[] not null,
  ip_version integer not null,
  default_prefixlen integer not null,
  min_prefixlen integer not null,
  max_prefixlen integer not null,
  default_quota integer,
  shared boolean not null default false,
  is_default boolean not null default false,
  address_scope_id text references network_address_scopes (id),
  tags text[] not null default '{}',
  revision_number integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create unique index network_subnetpools_default on network_subnetpools (ip_version) where is_default;

create table network_subnets (
  id text primary key,
  network_id text not null references network_networks (id) on delete cascade,
  project_id text not null,
  name text not null default '',
  description text not null default '',
  ip_version integer not null check (ip_version in (4, 6)),
  cidr cidr not null,
  gateway_ip inet,
  enable_dhcp boolean not null default true,
  dns_nameservers text[] not null default '{}',
  host_routes jsonb not null default '[]',
  ipv6_ra_mode text,
  ipv6_address_mode text,
  subnetpool_id text references network_subnetpools (id),
  segment_id text references network_segments (id),
  service_types text[] not null default '{}',
  dns_publish_fixed_ip boolean not null default false,
  tags text[] not null default '{}',
  revision_number integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index network_subnets_network on network_subnets (network_id);
create index network_subnets_project on network_subnets (project_id);

-- Allocation pools, and what is free in them now. Free ranges never overlap and never touch an address in use.
create table network_allocation_pools (
  subnet_id text not null references network_subnets (id) on delete cascade,
  first inet not null,
  last inet not null,
  primary key (subnet_id, first)
);
create table network_free_ranges (
  subnet_id text not null references network_subnets (id) on delete cascade,
  first inet not null,
  last inet not null,
  primary key (subnet_id, first)
);

create table network_ports (
  id text primary key,
  network_id text not null references network_networks (id),
  project_id text not null,
  name text not null default '',
  description text not null default '',
  admin_state_up boolean not null default true,
  status text not null default 'DOWN',
  mac_address text not null check (mac_address = lower(mac_address)),
  device_id text not null default '',
  device_owner text not null default '',
  "binding:host_id" text not null default '',
  "binding:profile" jsonb not null default '{}',
  "binding:vnic_type" text not null default 'normal',
  "binding:vif_type" text not null default 'unbound',
  "binding:vif_details" jsonb not null default '{}',
  port_security_enabled boolean not null default true,
  allowed_address_pairs jsonb not null default '[]',
  extra_dhcp_opts jsonb not null default '[]',
  dns_name text not null default '',
  dns_domain text not null default '',
  propagate_uplink_status boolean not null default false,
  tags text[] not null default '{}',
  revision_number integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (network_id, mac_address)
);
create index network_ports_device on network_ports (device_id) where device_id <> '';
create index network_ports_project on network_ports (project_id);
create index network_ports_name on network_ports (name) where name <> '';
create index network_ports_mac on network_ports (mac_address);

create table network_addresses (
  subnet_id text not null references network_subnets (id),
  address inet not null,
  port_id text not null references network_ports (id) on delete cascade,
  -- order in the port's fixed_ips
  position integer not null default 0,
  primary key (subnet_id, address)
);
create index network_addresses_port on network_addresses (port_id);
create index network_addresses_address on network_addresses (address);

-- Takes an address for a port: the one wanted, or the lowest free one of the pools. Null: it is taken, or all are.
-- Takers of one subnet line up at its row until the taker before has committed, so nobody sees a free range that is gone.
create function network_take_address(the_subnet text, the_port text, wanted inet, the_position integer) returns inet
language plpgsql as $$
declare free network_free_ranges;
begin
  perform 1 from network_subnets where id = the_subnet for no key update;
  if wanted is null then
    select * into free from network_free_ranges where subnet_id = the_subnet order by first limit 1;
    if not found then return null; end if;
    wanted := free.first;
  else
    select * into free from network_free_ranges where subnet_id = the_subnet and first <= wanted order by first desc limit 1;
    if found and wanted > free.last then free := null; end if;
  end if;
  insert into network_addresses (subnet_id, address, port_id, position) values (the_subnet, wanted, the_port, the_position)
    on conflict do nothing;
  if not found then return null; end if;
  if free.subnet_id is null then return wanted; end if;
  if free.first = wanted then
    if free.last = wanted then
      delete from network_free_ranges where subnet_id = the_subnet and first = free.first;
    else
      update network_free_ranges set first = wanted + 1 where subnet_id = the_subnet and first = free.first;
    end if;
  else
    update network_free_ranges set last = wanted - 1 where subnet_id = the_subnet and first = free.first;
    if free.last > wanted then
      insert into network_free_ranges values (the_subnet, wanted + 1, free.last);
    end if;
  end if;
  return wanted;
end $$;

-- An address that is given back is free again when a pool holds it.
create function network_give_back_address() returns trigger language plpgsql as $$
declare below network_free_ranges; above network_free_ranges;
begin
  perform 1 from network_subnets where id = old.subnet_id for no key update;
  if not found then return null; end if;
  perform 1 from network_allocation_pools where subnet_id = old.subnet_id and first <= old.address and last >= old.address;
  if not found then return null; end if;
  delete from network_free_ranges where subnet_id = old.subnet_id and last = old.address - 1 and first <= old.address - 1 returning * into below;
  delete from network_free_ranges where subnet_id = old.subnet_id and first = old.address + 1 returning * into above;
  insert into network_free_ranges values (old.subnet_id, coalesce(below.first, old.address), coalesce(above.last, old.address));
  return null;
end $$;
create trigger give_back after delete on network_addresses for each row execute function network_give_back_address();
create index network_free_ranges_last on network_free_ranges (subnet_id, last);

-- Makes the free ranges afresh from pools and addresses, after the pools have changed.
create function network_rebuild_free_ranges(the_subnet text) returns void language plpgsql as $$
begin
  perform 1 from network_subnets where id = the_subnet for no key update;
  delete from network_free_ranges where subnet_id = the_subnet;
  insert into network_free_ranges
    select the_subnet, free_first, free_last from (
      select p.first as free_first,
        coalesce((select min(a.address) - 1 from network_addresses a where a.subnet_id = the_subnet and a.address between p.first and p.last), p.last) as free_last
      from network_allocation_pools p where p.subnet_id = the_subnet
      union all
      select a.address + 1,
        coalesce((select n.address - 1 from network_addresses n where n.subnet_id = the_subnet and n.address > a.address and n.address <= p.last
          order by n.address limit 1), p.last)
      from network_allocation_pools p join network_addresses a on a.subnet_id = p.subnet_id and a.address between p.first and p.last
      where p.subnet_id = the_subnet
    ) gaps where free_first <= free_last;
end $$;

create table network_security_groups (
  id text primary key,
  project_id text not null,
  name text not null default '',
  description text not null default '',
  stateful boolean not null default true,
  shared boolean not null default false,
  tags text[] not null default '{}',
  revision_number integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create unique index network_security_groups_default on network_security_groups (project_id) where name = 'default';

create table network_security_group_rules (
  id text primary key,
  security_group_id text not null references network_security_groups (id) on delete cascade,
  project_id text not null,
  description text not null default '',
  direction text not null check (direction in ('ingress', 'egress')),
  ethertype text not null default 'IPv4',
  protocol text,
  port_range_min integer,
  port_range_max integer,
  remote_ip_prefix text,
  remote_group_id text references network_security_groups (id) on delete cascade,
  revision_number integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique nulls not distinct (security_group_id, direction, ethertype, protocol, port_range_min, port_range_max, remote_ip_prefix, remote_group_id)
);

create table network_port_security_groups (
  port_id text not null references network_ports (id) on delete cascade,
  security_group_id text not null references network_security_groups (id),
  primary key (port_id, security_group_id)
);
create index network_port_security_groups_group on network_port_security_groups (security_group_id);

create table network_trunks (
  id text primary key,
  project_id text not null,
  name text not null default '',
  description text not null default '',
  admin_state_up boolean not null default true,
  status text not null default 'DOWN',
  port_id text not null unique references network_ports (id),
  tags text[] not null default '{}',
  revision_number integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create table network_subports (
  trunk_id text not null references network_trunks (id) on delete cascade,
  port_id text primary key references network_ports (id),
  segmentation_type text not null,
  segmentation_id integer not null,
  unique (trunk_id, segmentation_type, segmentation_id)
);

create table network_quotas (
  project_id text not null,
  resource text not null,
  quota integer not null,
  primary key (project_id, resource)
);

create table network_rbac_policies (
  id text primary key,
  project_id text not null,
  object_type text not null,
  object_id text not null,
  action text not null,
  target_tenant text not null,
  unique (object_type, object_id, action, target_tenant)
);
