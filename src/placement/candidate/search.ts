// Searches all trees for candidates: lazily, a candidate of each tree in turn, within bounds.
import { randomInt } from 'node:crypto';
import type { Provider } from '../provider/provider.ts';
import type { ProviderIndex } from '../provider-index/index.ts';
import { Findings, type TreeCandidates } from './findings.ts';
import { planSearch, type SearchPlan } from './plan.ts';
import type { CandidateQuery } from './query.ts';
import type { Candidate, Effort } from './tree-search.ts';
import { turns } from './turns.ts';

export interface SearchBounds {
  /** Candidates at the most, whatever the request's own limit. */
  readonly maxCandidates: number;
  /** Choices tried at the most, over all trees. */
  readonly maxEffort: number;
  /** Takes trees in a random order. */
  readonly randomizeCandidates?: boolean;
}

export interface SearchResult {
  readonly plan: SearchPlan;
  readonly candidates: readonly Candidate[];
  /** Which bound ended the search before all candidates were found. */
  readonly cutBy?: 'candidates' | 'effort';
}

/**
 * All candidates, or the first `limit` of them: first one of each tree, then a second one of each, and so on, so that a limit
 * spreads over trees. Trees that were changed last come last.
 */
export async function searchCandidates(
  index: ProviderIndex,
  query: CandidateQuery,
  bounds: SearchBounds,
  findings: Findings = new Findings(),
): Promise<SearchResult> {
  const inTree = rootsOfGroups(index, query);
  if (inTree === undefined) return { plan: planSearch(query), candidates: [] };
  const { plan, candidatesOf } = findings.of(index, query, inTree);
  const wanted = Math.min(query.limit ?? bounds.maxCandidates, bounds.maxCandidates);
  const effort: Effort = { left: bounds.maxEffort };
  const candidates: Candidate[] = [];
  const repeated = new Set<string>();
  let turn: TreeCandidates[] = [];
  const others = turns();
  const cut = (): SearchResult['cutBy'] => {
    if (effort.left <= 0) return 'effort';
    return candidates.length >= bounds.maxCandidates && (query.limit ?? Number.POSITIVE_INFINITY) > bounds.maxCandidates
      ? 'candidates'
      : undefined;
  };
  const take = (search: TreeCandidates): boolean => {
    for (let found = search.next(effort); found; found = search.next(effort)) {
      if (!acceptable(found, plan, repeated, index.hasSharing)) continue;
      candidates.push(found);
      return true;
    }
    return false;
  };

  const roots = anchors(index, query, inTree);
  for (const rootId of bounds.randomizeCandidates ? shuffled([...roots]) : roots) {
    const tree = index.tree(rootId);
    const search = tree && candidatesOf(tree);
    if (search && take(search)) turn.push(search);
    if (candidates.length >= wanted || effort.left <= 0) break;
    if (others.due()) await others.pass();
  }
  while (turn.length > 0 && candidates.length < wanted && effort.left > 0) {
    const next: TreeCandidates[] = [];
    for (const search of turn) {
      if (candidates.length >= wanted) break;
      if (take(search)) next.push(search);
      if (others.due()) await others.pass();
    }
    turn = next;
  }
  const cutBy = cut();
  return cutBy ? { plan, candidates, cutBy } : { plan, candidates };
}

/** Suffix -> root of the tree that the group is bound to; undefined when such a tree does not exist. */
export function rootsOfGroups(index: ProviderIndex, query: CandidateQuery): ReadonlyMap<string, number> | undefined {
  const roots = new Map<string, number>();
  for (const group of query.groups) {
    if (group.inTree === undefined) continue;
    const provider = index.byUuid(group.inTree);
    if (!provider) return undefined;
    roots.set(group.suffix, provider.rootId);
  }
  return roots;
}

/** Roots that may anchor a candidate: those with the rarest of the requested classes, or all when some of it may be shared. */
function* anchors(index: ProviderIndex, query: CandidateQuery, inTree: ReadonlyMap<string, number>): Generator<number> {
  if (!index.hasSharing) {
    const [only] = inTree.values();
    if (only !== undefined) {
      if ([...inTree.values()].every((root) => root === only)) yield only;
      return;
    }
    let rarest: ReadonlySet<number> | undefined;
    for (const group of query.groups)
      for (const name of group.resources.keys()) {
        const having = index.providersWith(name);
        if (!rarest || having.size < rarest.size) rarest = having;
      }
    const seen = new Set<number>();
    for (const id of [...(rarest ?? [])]) {
      const rootId = index.byId(id)?.rootId;
      if (rootId === undefined || seen.has(rootId)) continue;
      seen.add(rootId);
      yield rootId;
    }
    return;
  }
  const open = inTree.get('');
  if (open !== undefined) yield open;
  else yield* [...index.roots()];
}

function shuffled<Item>(items: Item[]): Item[] {
  for (let at = items.length - 1; at > 0; at--) {
    const other = randomInt(at + 1);
    const [a, b] = [items[at], items[other]];
    if (a !== undefined && b !== undefined) [items[at], items[other]] = [b, a];
  }
  return items;
}

/** Not two providers of one tree before trees were known to clients, and nothing twice. */
function acceptable(candidate: Candidate, plan: SearchPlan, repeated: Set<string>, hasSharing: boolean): boolean {
  if (!plan.query.nested) {
    const used = new Set(candidate.chosen);
    if (new Set([...used].map((provider) => provider.rootId)).size < used.size) return false;
  }
  if (!hasSharing) return true;
  // Only a candidate made of sharing providers alone can come up again, under another anchor.
  if (!candidate.chosen.every(shares)) return true;
  const key = candidate.chosen.map((provider) => provider.id).join();
  if (repeated.has(key)) return false;
  repeated.add(key);
  return true;
}

function shares(provider: Provider): boolean {
  return provider.traits.has('MISC_SHARES_VIA_AGGREGATE');
}
