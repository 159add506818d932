// Filters the list of providers, each looked at alone.
import { meets, meetsAll } from '../candidate/index.ts';
import type { ProviderIndex } from '../provider-index/index.ts';
import { fits, type Provider } from './provider.ts';
import type { AggregateFilter, TraitFilter } from './query.ts';

export interface ProviderFilter extends TraitFilter, AggregateFilter {
  readonly name?: string | undefined;
  readonly uuid?: string | undefined;
  readonly inTree?: string | undefined;
  readonly resources: ReadonlyMap<string, number>;
}

/** The providers that pass, oldest first. */
export function filterProviders(index: ProviderIndex, filter: ProviderFilter): Provider[] {
  const found = [...scope(index, filter)].filter((provider) => passes(provider, filter));
  return found.sort((a, b) => a.id - b.id);
}

function scope(index: ProviderIndex, { uuid, inTree }: ProviderFilter): Iterable<Provider> {
  if (inTree !== undefined) {
    const inside = index.byUuid(inTree);
    return (inside && index.tree(inside.rootId)?.providers) ?? [];
  }
  if (uuid === undefined || uuid === '') return index.providers();
  const one = index.byUuid(uuid);
  return one ? [one] : [];
}

function passes(provider: Provider, filter: ProviderFilter): boolean {
  if (filter.name && provider.name !== filter.name) return false;
  if (filter.uuid && provider.uuid !== filter.uuid) return false;
  if (!meetsAll(filter.required, provider.traits) || meets(filter.forbidden, provider.traits)) return false;
  if (!meetsAll(filter.memberOf, provider.aggregates) || meets(filter.notMemberOf, provider.aggregates)) return false;
  for (const [name, amount] of filter.resources) {
    const inventory = provider.inventories.get(name);
    if (!inventory || !fits(inventory, amount)) return false;
  }
  return true;
}
