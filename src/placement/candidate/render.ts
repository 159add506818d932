// Writes allocation candidates as JSON text, joined from fragments that are made once for each state of a tree.
import { capacity, type Provider } from '../provider/provider.ts';
import type { ProviderIndex, Tree } from '../provider-index/index.ts';
import { allocationsOf } from './allocations.ts';
import type { SearchPlan } from './plan.ts';
import type { SearchResult } from './search.ts';
import type { Candidate } from './tree-search.ts';

/** The body of GET /allocation_candidates at microversion 1.`minor` in pieces; all of it is ASCII. */
export function* renderCandidates(
  index: ProviderIndex,
  { plan, candidates }: SearchResult,
  minor: number,
): Generator<Buffer> {
  const render = requestRenderer(plan, minor, few(candidates));
  const trees = new Set<Tree>();
  const used = new Set<Provider>();
  yield Buffer.from('{"allocation_requests": [');
  let first = true;
  for (const candidate of candidates) {
    yield listed(render(candidate), first);
    first = false;
    for (const [at, slot] of plan.slots.entries()) {
      const provider = candidate.chosen[at];
      if (!provider || slot.resources.length === 0) continue;
      if (!plan.query.nested) used.add(provider);
      const tree = provider.rootId === candidate.tree.root.id ? candidate.tree : index.tree(provider.rootId);
      if (tree) trees.add(tree);
    }
  }
  yield Buffer.from('], "provider_summaries": {');
  first = true;
  for (const summary of summaries(trees, used, plan, minor)) {
    yield listed(summary, first);
    first = false;
  }
  yield Buffer.from('}}');
}

/** Are there so few candidates a tree that their text is worth keeping for the next request? */
function few(candidates: readonly Candidate[]): boolean {
  return candidates.length <= 8 * new Set(candidates.map((candidate) => candidate.tree)).size;
}

function* summaries(
  trees: ReadonlySet<Tree>,
  used: ReadonlySet<Provider>,
  { query }: SearchPlan,
  minor: number,
): Generator<Buffer> {
  const requested = minor < 27 ? new Set(query.groups.flatMap((group) => [...group.resources.keys()])) : undefined;
  for (const tree of trees) {
    if (query.nested) yield summariesOf(tree);
    else
      for (const provider of tree.providers)
        if (used.has(provider)) yield fragment(summaryOf(tree, provider, minor, requested));
  }
}

/** Summaries of a whole tree in their newest form, which trees of unchanged providers keep. */
function summariesOf(tree: Tree): Buffer {
  const known = treeSummaries.get(tree);
  if (known !== undefined) return known;
  const made = fragment(tree.providers.map((provider) => summaryOf(tree, provider, 29, undefined)).join(', '));
  treeSummaries.set(tree, made);
  return made;
}
const treeSummaries = new WeakMap<Tree, Buffer>();

function summaryOf(tree: Tree, provider: Provider, minor: number, requested: ReadonlySet<string> | undefined): string {
  const resources: Record<string, { capacity: number; used: number }> = {};
  for (const [name, inventory] of provider.inventories)
    if (!requested || requested.has(name))
      resources[name] = { capacity: Math.trunc(capacity(inventory)), used: inventory.used };
  const parent = tree.providers.find((one) => one.id === provider.parentId);
  const summary = {
    resources,
    ...(minor >= 17 ? { traits: [...provider.traits] } : {}),
    ...(minor >= 29 ? { parent_provider_uuid: parent?.uuid ?? null, root_provider_uuid: tree.root.uuid } : {}),
  };
  return `"${provider.uuid}": ${JSON.stringify(summary)}`;
}

/** The form that most candidates take is put together from pieces made once a request; `keep`: once a candidate. */
function requestRenderer(plan: SearchPlan, minor: number, keep: boolean): (candidate: Candidate) => Buffer {
  const pieces = plan.slots.map((slot) => ({
    resources:
      slot.resources.length === 0 ? '' : `": {"resources": ${JSON.stringify(Object.fromEntries(slot.resources))}}`,
    mapping: `"${slot.group.suffix}": ["`,
  }));
  const alone = new Set(plan.slots.map((slot) => slot.group.suffix)).size === plan.slots.length;
  const write = ({ chosen }: Candidate): string => {
    let allocations = '';
    let mappings = '';
    for (let at = 0; at < pieces.length; at++) {
      const piece = pieces[at];
      const uuid = chosen[at]?.uuid;
      if (piece === undefined || uuid === undefined) continue;
      if (piece.resources !== '') allocations += `${allocations === '' ? '"' : ', "'}${uuid}${piece.resources}`;
      mappings += `${mappings === '' ? '' : ', '}${piece.mapping}${uuid}"]`;
    }
    return `{"allocations": {${allocations}}, "mappings": {${mappings}}}`;
  };
  return (candidate) => {
    if (candidate.text !== undefined && minor >= 34) return candidate.text;
    const simple = minor >= 34 && alone && distinct(candidate.chosen);
    const text = fragment(simple ? write(candidate) : JSON.stringify(requestOf(plan, candidate, minor)));
    if (keep && minor >= 34) candidate.text = text;
    return text;
  };
}

const separator = ', ';

/**
 * A fragment as bytes with a separator before it. Copying the bytes of thousands of fragments into an answer takes a
 * twentieth of the time that joining them as strings takes.
 */
function fragment(text: string): Buffer {
  return Buffer.from(separator + text, 'latin1');
}

/** The first fragment of a list loses its separator. */
function listed(text: Buffer, first: boolean): Buffer {
  return first ? text.subarray(separator.length) : text;
}

function distinct(chosen: readonly Provider[]): boolean {
  for (let at = 1; at < chosen.length; at++)
    for (let before = 0; before < at; before++) if (chosen[at] === chosen[before]) return false;
  return true;
}

function requestOf(plan: SearchPlan, candidate: Candidate, minor: number): unknown {
  const byProvider = new Map<string, Record<string, number>>();
  for (const { provider, resourceClass, used } of allocationsOf(plan, candidate)) {
    const resources = byProvider.get(provider) ?? {};
    resources[resourceClass] = used;
    byProvider.set(provider, resources);
  }
  if (minor < 12)
    return {
      allocations: [...byProvider].map(([uuid, resources]) => ({ resource_provider: { uuid }, resources })),
    };
  const allocations = Object.fromEntries([...byProvider].map(([uuid, resources]) => [uuid, { resources }]));
  if (minor < 34) return { allocations };
  const mappings: Record<string, string[]> = {};
  for (const [at, slot] of plan.slots.entries()) {
    const uuid = candidate.chosen[at]?.uuid;
    if (uuid === undefined) continue;
    const providers = mappings[slot.group.suffix];
    if (!providers) mappings[slot.group.suffix] = [uuid];
    else if (!providers.includes(uuid)) providers.push(uuid);
  }
  return { allocations, mappings };
}
