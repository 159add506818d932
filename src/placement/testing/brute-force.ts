// A search for allocation candidates that tries everything, written from the API reference alone, to compare with.
import type { CandidateQuery, RequestGroup } from '../candidate/index.ts';
import type { Provider } from '../provider/provider.ts';

/**
 * Every candidate as a canonical text: what is taken of which provider, and which group it serves. Exponential; for forests
 * of a few providers.
 */
export function bruteForce(providers: readonly Provider[], query: CandidateQuery): Set<string> {
  const found = new Set<string>();
  const byId = new Map(providers.map((provider) => [provider.id, provider]));
  const rootOf = (provider: Provider) => byId.get(provider.rootId) ?? provider;
  for (const group of query.groups)
    if (group.inTree !== undefined && !providers.some((provider) => provider.uuid === group.inTree)) return found;

  for (const anchor of providers) {
    if (anchor.parentId !== null) continue;
    if ([...query.rootRequired].some((trait) => !anchor.traits.has(trait))) continue;
    if ([...query.rootForbidden].some((trait) => anchor.traits.has(trait))) continue;
    const tree = providers.filter((provider) => provider.rootId === anchor.id);
    // "Sharing providers": those with the trait that share an aggregate with any provider of the tree.
    const shared = providers.filter(
      (provider) =>
        provider.rootId !== anchor.id &&
        provider.traits.has('MISC_SHARES_VIA_AGGREGATE') &&
        tree.some((member) => [...member.aggregates].some((aggregate) => provider.aggregates.has(aggregate))),
    );
    for (const assignment of assignments(query.groups, [...tree, ...shared])) {
      if (holds(query, assignment, anchor, rootOf, byId, providers)) found.add(textOf(assignment, query));
    }
  }
  return found;
}

/** One choice: which provider gives which resource of which group; a resourceless group has its provider under ''. */
interface Choice {
  readonly group: RequestGroup;
  readonly resource: string;
  readonly provider: Provider;
}

function* assignments(groups: readonly RequestGroup[], providers: readonly Provider[]): Generator<Choice[]> {
  const needs = groups.flatMap((group) =>
    group.resources.size === 0
      ? [{ group, resource: '' }]
      : [...group.resources.keys()].map((resource) => ({ group, resource })),
  );
  function* from(at: number, chosen: Choice[]): Generator<Choice[]> {
    const need = needs[at];
    if (!need) {
      yield chosen;
      return;
    }
    for (const provider of providers) {
      // A group with a suffix is served by one provider.
      const before = chosen.find((choice) => choice.group === need.group);
      if (need.group.suffix !== '' && before && before.provider !== provider) continue;
      if (need.resource !== '' && !provider.inventories.has(need.resource)) continue;
      yield* from(at + 1, [...chosen, { ...need, provider }]);
    }
  }
  yield* from(0, []);
}

function holds(
  query: CandidateQuery,
  choices: readonly Choice[],
  anchor: Provider,
  rootOf: (provider: Provider) => Provider,
  byId: ReadonlyMap<number, Provider>,
  providers: readonly Provider[],
): boolean {
  for (const group of query.groups) {
    const mine = choices.filter((choice) => choice.group === group);
    const traits = new Set(mine.flatMap((choice) => [...choice.provider.traits]));
    if (!group.required.every((any) => [...any].some((trait) => traits.has(trait)))) return false;
    for (const { provider, resource } of mine) {
      if ([...group.forbidden].some((trait) => provider.traits.has(trait))) return false;
      if (!inAggregates(group, provider, anchor)) return false;
      if (!inTheTree(group, provider, anchor, rootOf, providers)) return false;
      const inventory = provider.inventories.get(resource);
      const amount = group.resources.get(resource) ?? 0;
      if (inventory && (amount < inventory.minUnit || amount % inventory.stepSize !== 0)) return false;
    }
  }
  // Amounts of all groups on one inventory add up, against what is left and against max_unit.
  for (const [key, amount] of sums(choices)) {
    const [id, resource = ''] = key.split(' ');
    const inventory = byId.get(Number(id))?.inventories.get(resource);
    if (!inventory) return false;
    const left = (inventory.total - inventory.reserved) * inventory.allocationRatio - inventory.used;
    if (amount > left || amount > inventory.maxUnit) return false;
  }
  const suffixed = query.groups.filter((group) => group.suffix !== '');
  const providerOf = (group: RequestGroup) => choices.find((choice) => choice.group === group)?.provider;
  if (query.groupPolicy === 'isolate' && new Set(suffixed.map(providerOf)).size < suffixed.length) return false;
  return query.sameSubtrees.every((suffixes) => {
    const members = suffixed.filter((group) => suffixes.has(group.suffix)).map(providerOf);
    return members.some((top) => members.every((one) => isAtOrBelow(one, top, byId)));
  });
}

function inAggregates(group: RequestGroup, provider: Provider, anchor: Provider): boolean {
  const meets = (candidate: Provider) =>
    group.memberOf.every((any) => [...any].some((aggregate) => candidate.aggregates.has(aggregate)));
  const avoids = (candidate: Provider) =>
    ![...group.notMemberOf].some((aggregate) => candidate.aggregates.has(aggregate));
  if (group.suffix !== '') return meets(provider) && avoids(provider);
  // An aggregate on the root of a tree spans the whole tree for the group without a suffix.
  const spans = provider.rootId === anchor.id;
  return (meets(provider) || (spans && meets(anchor))) && avoids(provider) && avoids(anchor);
}

function inTheTree(
  group: RequestGroup,
  provider: Provider,
  anchor: Provider,
  rootOf: (provider: Provider) => Provider,
  providers: readonly Provider[],
): boolean {
  if (group.inTree === undefined) return true;
  const named = providers.find((one) => one.uuid === group.inTree);
  if (!named) return false;
  const root = rootOf(named);
  return group.suffix === '' ? root === anchor && rootOf(provider) === root : rootOf(provider) === root;
}

function isAtOrBelow(
  provider: Provider | undefined,
  top: Provider | undefined,
  byId: ReadonlyMap<number, Provider>,
): boolean {
  for (let at = provider; at; at = at.parentId === null ? undefined : byId.get(at.parentId))
    if (at === top) return true;
  return false;
}

function sums(choices: readonly Choice[]): Map<string, number> {
  const total = new Map<string, number>();
  for (const { group, resource, provider } of choices) {
    if (resource === '') continue;
    const key = `${provider.id} ${resource}`;
    total.set(key, (total.get(key) ?? 0) + (group.resources.get(resource) ?? 0));
  }
  return total;
}

function textOf(choices: readonly Choice[], query: CandidateQuery): string {
  const amounts = [...sums(choices)].map(([key, amount]) => `${key}=${amount}`).sort();
  const mappings = query.groups.map((group) => {
    const ids = choices.filter((choice) => choice.group === group).map((choice) => choice.provider.id);
    return `${group.suffix}:${[...new Set(ids)].sort((a, b) => a - b)}`;
  });
  return `${amounts} | ${mappings.sort()}`;
}
