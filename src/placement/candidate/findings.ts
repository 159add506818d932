// What the search has found in each tree for one request, so that asking again only looks at trees that have changed.
import type { ProviderIndex, Tree } from '../provider-index/index.ts';
import { planSearch, type SearchPlan } from './plan.ts';
import type { CandidateQuery } from './query.ts';
import { type Candidate, type Effort, TreeSearch } from './tree-search.ts';

/** Candidates of one tree in order; beyond the first ones nothing is kept. */
export interface TreeCandidates {
  next(effort: Effort): Candidate | undefined;
}

/** Trees with more candidates than this are searched anew each time. */
const keptPerTree = 16;
/** Requests that are remembered: a cloud asks the same few again and again, one for each flavor. */
const keptRequests = 8;

interface Found {
  readonly candidates: Candidate[];
  /** Set until the tree is exhausted. */
  search: TreeSearch | undefined;
}

interface Remembered {
  readonly plan: SearchPlan;
  /** A tree that changes is another value, so what is found here is never stale. Undefined: no candidate. */
  readonly byTree: WeakMap<Tree, Found | undefined>;
}

export class Findings {
  readonly #requests = new Map<string, Remembered>();

  /**
   * The plan for a request and the candidates of its trees. What is shared between trees makes the candidates of one tree
   * depend on others; then nothing is remembered.
   */
  of(
    index: ProviderIndex,
    query: CandidateQuery,
    inTree: ReadonlyMap<string, number>,
  ): { plan: SearchPlan; candidatesOf: (tree: Tree) => TreeCandidates | undefined } {
    if (index.hasSharing || inTree.size > 0) {
      const plan = planSearch(query);
      return { plan, candidatesOf: (tree) => TreeSearch.start(plan, tree, index, inTree) };
    }
    const remembered = this.#recall(query);
    return { plan: remembered.plan, candidatesOf: (tree) => candidatesOf(remembered, tree, index, inTree) };
  }

  #recall(query: CandidateQuery): Remembered {
    const key = keyOf(query);
    const known = this.#requests.get(key) ?? { plan: planSearch(query), byTree: new WeakMap() };
    this.#requests.delete(key);
    this.#requests.set(key, known);
    if (this.#requests.size > keptRequests) {
      const [oldest] = this.#requests.keys();
      if (oldest !== undefined) this.#requests.delete(oldest);
    }
    return known;
  }
}

function candidatesOf(
  { plan, byTree }: Remembered,
  tree: Tree,
  index: ProviderIndex,
  inTree: ReadonlyMap<string, number>,
): TreeCandidates | undefined {
  let found = byTree.get(tree);
  if (!found) {
    if (byTree.has(tree)) return undefined;
    const search = TreeSearch.start(plan, tree, index, inTree);
    found = search && { candidates: [], search };
    byTree.set(tree, found);
    if (!found) return undefined;
  }
  return replay(found, byTree, tree);
}

function replay(found: Found, byTree: Remembered['byTree'], tree: Tree): TreeCandidates {
  let at = 0;
  // Others may be replaying the same findings: only who stands at their end goes on searching.
  return {
    next(effort) {
      const known = found.candidates[at];
      if (known) {
        at++;
        effort.left--;
        return known;
      }
      if (!found.search) return undefined;
      const more = found.search.next(effort);
      if (more) {
        found.candidates.push(more);
        at++;
        if (found.candidates.length > keptPerTree) byTree.delete(tree);
      } else if (effort.left > 0) found.search = undefined;
      return more;
    },
  };
}

function keyOf({ groups, groupPolicy, rootRequired, rootForbidden, sameSubtrees, nested }: CandidateQuery): string {
  const sets = (list: readonly ReadonlySet<string>[]) => list.map((one) => [...one]);
  return JSON.stringify([
    groups.map((group) => [
      group.suffix,
      [...group.resources],
      sets(group.required),
      [...group.forbidden],
      sets(group.memberOf),
      [...group.notMemberOf],
    ]),
    groupPolicy,
    [...rootRequired],
    [...rootForbidden],
    sets(sameSubtrees),
    nested,
  ]);
}
