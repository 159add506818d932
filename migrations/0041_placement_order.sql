-- Placement: a write of the traits that a provider has already is no change, and refusals name the first that is wrong.

-- Answers written, unchanged, conflict.
create or replace function placement_write_traits(changed_uuid text, expected integer, traits text[]) returns text
language plpgsql
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
declare
  changed placement_providers;
begin
  select * into changed from placement_providers
    where uuid = changed_uuid and (expected is null or generation = expected) for no key update;
  if not found then return 'conflict'; end if;
  if traits @> array(select trait from placement_provider_traits where provider_id = changed.id)
    and not exists (select from unnest(traits) as wanted (trait) where not exists (
      select from placement_provider_traits t where t.provider_id = changed.id and t.trait = wanted.trait))
  then
    return 'unchanged';
  end if;
  perform placement_advance_provider(changed_uuid, changed.generation);
  delete from placement_provider_traits where provider_id = changed.id and trait <> all (traits);
  insert into placement_provider_traits (provider_id, trait) select changed.id, unnest(traits) on conflict do nothing;
  return 'written';
end $$;

-- Why these allocations cannot be taken in place of what the consumers hold; null when they can. Providers are locked.
create or replace function placement_refuse_allocations(
  consumers text[], providers text[], classes text[], amounts bigint[]
) returns jsonb language plpgsql
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set jit = off
set plan_cache_mode = force_generic_plan as $$
declare
  refusal jsonb;
begin
  with judged as (
    select a.provider, a.resource_class, a.used as asked, a.place, i.total, i.reserved, i.allocation_ratio, i.min_unit,
      i.max_unit, i.step_size, p.id as provider_id, i.provider_id as inventory_of, k.name as known_class,
      sum(a.used) over (partition by a.provider, a.resource_class) as wanted,
      i.used - coalesce((select sum(h.used) from placement_allocations h where h.consumer_uuid = any (consumers)
        and h.provider_id = i.provider_id and h.resource_class = i.resource_class), 0) as used
    from unnest(providers, classes, amounts) with ordinality as a (provider, resource_class, used, place)
    left join placement_providers p on p.uuid = a.provider
    left join placement_resource_classes k on k.name = a.resource_class
    left join placement_inventories i on i.provider_id = p.id and i.resource_class = a.resource_class),
  named as (
    select judged.*, case
        when provider_id is null then 'provider'
        when inventory_of is null and known_class is null then 'resource_class'
        when inventory_of is null then 'inventory'
        when asked < min_unit or asked > max_unit or asked % step_size <> 0 then 'constraints'
        when used + wanted > (total - reserved) * allocation_ratio then 'capacity'
      end as outcome
    from judged)
  select to_jsonb(named) into refusal from named where outcome is not null
    order by array_position(array['provider', 'resource_class', 'inventory', 'constraints', 'capacity'], outcome), place
    limit 1;
  return refusal;
end $$;
