// Whether one provider can serve one group of a request, seen from the tree that anchors the candidate.
import { fits, type Provider } from '../provider/provider.ts';
import type { RequestGroup } from './query.ts';

/** Does every set hold one member of `have`? */
export function meetsAll(wanted: readonly ReadonlySet<string>[], have: ReadonlySet<string>): boolean {
  return wanted.every((any) => meets(any, have));
}

export function meets(any: ReadonlySet<string>, have: ReadonlySet<string>): boolean {
  for (const name of any) if (have.has(name)) return true;
  return false;
}

/** Can this provider alone serve a group with a suffix? Aggregates count on the provider itself. */
export function servesGroup(provider: Provider, group: RequestGroup, inTreeRootId: number | undefined): boolean {
  if (inTreeRootId !== undefined && provider.rootId !== inTreeRootId) return false;
  for (const [name, amount] of group.resources) {
    const inventory = provider.inventories.get(name);
    if (!inventory || !fits(inventory, amount)) return false;
  }
  return (
    !meets(group.forbidden, provider.traits) &&
    meetsAll(group.required, provider.traits) &&
    meetsAll(group.memberOf, provider.aggregates) &&
    !meets(group.notMemberOf, provider.aggregates)
  );
}

/**
 * Can this provider give one resource of the group without a suffix? An aggregate of the anchor's root spans its tree; a
 * sharing provider from outside must be in the aggregate itself. Required traits are met by all providers of the group
 * together and are checked there.
 */
export function servesResource(
  provider: Provider,
  root: Provider,
  group: RequestGroup,
  resourceClass: string,
  amount: number,
  inTreeRootId: number | undefined,
): boolean {
  const inventory = provider.inventories.get(resourceClass);
  if (!inventory || !fits(inventory, amount)) return false;
  const outside = provider.rootId !== root.id;
  if (inTreeRootId !== undefined && (outside || root.id !== inTreeRootId)) return false;
  if (meets(group.forbidden, provider.traits)) return false;
  if (group.memberOf.length > 0 && !meetsAll(group.memberOf, provider.aggregates)) {
    if (outside || !meetsAll(group.memberOf, root.aggregates)) return false;
  }
  return !meets(group.notMemberOf, provider.aggregates) && !meets(group.notMemberOf, root.aggregates);
}
