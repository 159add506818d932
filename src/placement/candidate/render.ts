// Writes allocation candidates as JSON text, joined from fragments that are made once for each state of a provider.
import { capacity, type Provider } from '../provider/provider.ts';
import type { ProviderIndex, Tree } from '../provider-index/index.ts';
import { allocationsOf } from './allocations.ts';
import type { SearchPlan } from './plan.ts';
import type { SearchResult } from './search.ts';
import type { Candidate } from './tree-search.ts';

/** The body of GET /allocation_candidates at microversion 1.`minor`. */
export function renderCandidates(index: ProviderIndex, { plan, candidates }: SearchResult, minor: number): Buffer {
  const requests: string[] = [];
  const trees = new Set<Tree>();
  const used = new Set<Provider>();
  for (const candidate of candidates) {
    requests.push(renderRequest(plan, candidate, minor));
    for (const [at, slot] of plan.slots.entries()) {
      const provider = candidate.chosen[at];
      if (!provider || slot.resources.length === 0) continue;
      used.add(provider);
      const tree = provider.rootId === candidate.tree.root.id ? candidate.tree : index.tree(provider.rootId);
      if (tree) trees.add(tree);
    }
  }
  const summaries: string[] = [];
  const requested =
    minor >= 27 ? undefined : new Set(plan.query.groups.flatMap((group) => [...group.resources.keys()]));
  for (const tree of trees)
    for (const provider of tree.providers)
      if (plan.query.nested || used.has(provider)) summaries.push(summaryOf(index, provider, minor, requested));
  return Buffer.from(
    `{"allocation_requests": [${requests.join(', ')}], "provider_summaries": {${summaries.join(', ')}}}`,
  );
}

function renderRequest(plan: SearchPlan, candidate: Candidate, minor: number): string {
  const byProvider = new Map<string, Record<string, number>>();
  for (const { provider, resourceClass, used } of allocationsOf(plan, candidate)) {
    const resources = byProvider.get(provider) ?? {};
    resources[resourceClass] = used;
    byProvider.set(provider, resources);
  }
  if (minor < 12)
    return JSON.stringify({
      allocations: [...byProvider].map(([uuid, resources]) => ({ resource_provider: { uuid }, resources })),
    });
  const allocations = Object.fromEntries([...byProvider].map(([uuid, resources]) => [uuid, { resources }]));
  if (minor < 34) return JSON.stringify({ allocations });
  const mappings: Record<string, string[]> = {};
  for (const [at, slot] of plan.slots.entries()) {
    const uuid = candidate.chosen[at]?.uuid;
    if (uuid === undefined) continue;
    const providers = mappings[slot.group.suffix];
    if (!providers) mappings[slot.group.suffix] = [uuid];
    else if (!providers.includes(uuid)) providers.push(uuid);
  }
  return JSON.stringify({ allocations, mappings });
}

function summaryOf(
  index: ProviderIndex,
  provider: Provider,
  minor: number,
  requested: ReadonlySet<string> | undefined,
): string {
  const resources: Record<string, { capacity: number; used: number }> = {};
  for (const [name, inventory] of provider.inventories)
    if (!requested || requested.has(name))
      resources[name] = { capacity: Math.trunc(capacity(inventory)), used: inventory.used };
  const parent = provider.parentId === null ? undefined : index.byId(provider.parentId);
  const summary = {
    resources,
    ...(minor >= 17 ? { traits: [...provider.traits] } : {}),
    ...(minor >= 29
      ? {
          parent_provider_uuid: parent?.uuid ?? null,
          root_provider_uuid: index.byId(provider.rootId)?.uuid ?? provider.uuid,
        }
      : {}),
  };
  return `"${provider.uuid}": ${JSON.stringify(summary)}`;
}
