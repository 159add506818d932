// Explains a request for candidates: for each tree, whether it serves it or which rule excluded it first.
import type { CandidateQuery } from '../candidate/index.ts';
import { planSearch, rootsOfGroups, type SearchPlan, TreeSearch, turns } from '../candidate/index.ts';
import type { ProviderIndex, Tree } from '../provider-index/index.ts';
import type { Exclusion, Explanation, Rule } from './rules.ts';
import { type Fault, slotFault } from './slot-fault.ts';

/** Choices tried for one tree before its combinations are given up as a combination of rules. */
const effortPerTree = 20_000;
const nearestMisses = 5;

/** `limit` of the query bounds the lists of trees; the counts are over all. */
export async function explainCandidates(index: ProviderIndex, query: CandidateQuery): Promise<Explanation> {
  const plan = planSearch(query);
  const inTree = rootsOfGroups(index, query);
  const serving: { root_provider_uuid: string; name: string }[] = [];
  const excluded: Exclusion[] = [];
  const counts: Partial<Record<Rule, number>> = {};
  const others = turns();
  for (const rootId of [...index.roots()]) {
    const tree = index.tree(rootId);
    if (!tree) continue;
    if (others.due()) await others.pass();
    const fault = treeFault(plan, tree, index, inTree);
    if (!fault) {
      serving.push({ root_provider_uuid: tree.root.uuid, name: tree.root.name });
      continue;
    }
    counts[fault.rule] = (counts[fault.rule] ?? 0) + 1;
    excluded.push({ root_provider_uuid: tree.root.uuid, name: tree.root.name, ...fault });
  }
  const nearest = [...excluded].sort((a, b) => b.nearness - a.nearness).slice(0, nearestMisses);
  const limit = query.limit ?? Number.POSITIVE_INFINITY;
  return {
    trees: serving.length + excluded.length,
    serving: serving.slice(0, limit),
    excluded_by: counts,
    excluded: excluded.slice(0, limit),
    nearest,
  };
}

/** The first rule that keeps this tree from serving the request; undefined when it serves it. */
function treeFault(
  plan: SearchPlan,
  tree: Tree,
  index: ProviderIndex,
  inTree: ReadonlyMap<string, number> | undefined,
): Fault | undefined {
  const { query, slots } = plan;
  const lacking = [...query.rootRequired].filter((trait) => !tree.root.traits.has(trait));
  if (lacking.length > 0)
    return { rule: 'root_trait', missing: lacking, reason: `the root lacks ${lacking.join(', ')}`, nearness: 0 };
  const hated = [...query.rootForbidden].filter((trait) => tree.root.traits.has(trait));
  if (hated.length > 0)
    return { rule: 'root_trait', forbidden: hated, reason: `the root has ${hated.join(', ')}`, nearness: 0 };
  if (!inTree) return { rule: 'tree', reason: 'no provider has the uuid that in_tree asks for', nearness: 0 };

  const reachable = [...tree.providers, ...index.sharingWith(tree)];
  for (const [at, slot] of slots.entries()) {
    const fault = slotFault(slot, tree, reachable, inTree.get(slot.group.suffix));
    if (fault) return { ...fault, nearness: (at + fault.nearness) / (slots.length + 1) };
  }
  if (serves(plan, tree, index, inTree)) return undefined;
  const nearness = slots.length / (slots.length + 1);
  return { ...combinationFault(plan, tree, index, inTree), nearness };
}

function serves(plan: SearchPlan, tree: Tree, index: ProviderIndex, inTree: ReadonlyMap<string, number>): boolean {
  return TreeSearch.start(plan, tree, index, inTree)?.next({ left: effortPerTree }) !== undefined;
}

/** Every part finds providers but the whole does not: the rule without which it would. */
function combinationFault(
  plan: SearchPlan,
  tree: Tree,
  index: ProviderIndex,
  inTree: ReadonlyMap<string, number>,
): Omit<Fault, 'nearness'> {
  const without = (change: Partial<SearchPlan>) => serves({ ...plan, ...change }, tree, index, inTree);
  const slots = (change: Partial<SearchPlan['slots'][number]>) => ({
    slots: plan.slots.map((slot) => ({ ...slot, ...change })),
  });
  if (without({ subtrees: [] }))
    return { rule: 'same_subtree', reason: 'no provider chosen for one of the groups lies above those of the others' };
  if (without(slots({ isolated: false })))
    return { rule: 'group_policy', reason: 'the groups would need different providers (group_policy=isolate)' };
  if (without(slots({ contested: false })))
    return { rule: 'capacity', reason: 'what the groups ask for together does not fit into one inventory' };
  if (without(slots({ completes: undefined })))
    return {
      rule: 'required_trait',
      group: '',
      reason: 'the providers that have the resources do not have all required traits together',
    };
  return { rule: 'combination', reason: 'each rule can be met, but not all of them together' };
}
