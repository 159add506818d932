// Finds the candidates that one tree anchors, one at a time: a depth-first search that prunes as soon as a choice cannot work.
import { capacity, type Provider } from '../provider/provider.ts';
import type { ProviderIndex, Tree } from '../provider-index/index.ts';
import { meets, meetsAll, servesGroup, servesResource } from './eligible.ts';
import type { SearchPlan, Slot } from './plan.ts';

/** One way to serve the whole request. */
export interface Candidate {
  /** The tree that anchors it. */
  readonly tree: Tree;
  /** The provider chosen for each slot of the plan. */
  readonly chosen: readonly Provider[];
  /** Its JSON in the newest form, as bytes, once it has been written. */
  text?: Buffer;
}

/** Counts the choices tried over all trees, so that no request can search without end. */
export interface Effort {
  left: number;
}

export class TreeSearch {
  readonly #plan: SearchPlan;
  readonly #tree: Tree;
  readonly #index: ProviderIndex;
  readonly #options: readonly (readonly Provider[])[];
  readonly #position: number[] = [];
  readonly #chosen: Provider[] = [];

  private constructor(plan: SearchPlan, tree: Tree, index: ProviderIndex, options: readonly (readonly Provider[])[]) {
    this.#plan = plan;
    this.#tree = tree;
    this.#index = index;
    this.#options = options;
  }

  /** Undefined when some part of the request finds no provider at all in this tree and what is shared with it. */
  static start(
    plan: SearchPlan,
    tree: Tree,
    index: ProviderIndex,
    inTree: ReadonlyMap<string, number>,
  ): TreeSearch | undefined {
    const { rootRequired, rootForbidden } = plan.query;
    if (meets(rootForbidden, tree.root.traits)) return undefined;
    for (const trait of rootRequired) if (!tree.root.traits.has(trait)) return undefined;
    let shared: readonly Provider[] | undefined;
    const options: (readonly Provider[])[] = [];
    for (const slot of plan.slots) {
      const found: Provider[] = [];
      for (const provider of tree.providers) if (serves(slot, provider, tree, inTree)) found.push(provider);
      if (index.hasSharing) {
        shared ??= index.sharingWith(tree);
        for (const provider of shared) if (serves(slot, provider, tree, inTree)) found.push(provider);
      }
      if (found.length === 0) return undefined;
      options.push(found);
    }
    return new TreeSearch(plan, tree, index, options);
  }

  /** The next candidate; undefined when there is none left or the effort is used up. */
  next(effort: Effort): Candidate | undefined {
    const { slots } = this.#plan;
    let depth = this.#position.length === 0 ? 0 : slots.length - 1;
    if (this.#position.length === 0) this.#position.push(-1);
    while (depth >= 0) {
      if (effort.left-- <= 0) return undefined;
      const options = this.#options[depth] ?? [];
      const at = (this.#position[depth] ?? -1) + 1;
      this.#position[depth] = at;
      const provider = options[at];
      if (provider === undefined) {
        depth--;
        continue;
      }
      this.#chosen[depth] = provider;
      if (!this.#holds(depth)) continue;
      if (depth === slots.length - 1) {
        if (this.#subtreesHold()) return { tree: this.#tree, chosen: this.#chosen.slice() };
        continue;
      }
      depth++;
      this.#position[depth] = -1;
    }
    return undefined;
  }

  /** Is the choice at `depth` compatible with those before it? */
  #holds(depth: number): boolean {
    const slot = this.#plan.slots[depth];
    const provider = this.#chosen[depth];
    if (!slot || !provider) return false;
    if (slot.isolated)
      for (let at = this.#plan.firstSuffixed; at < depth; at++) if (this.#chosen[at] === provider) return false;
    if (slot.contested && this.#overbooks(depth, slot, provider)) return false;
    if (slot.completes) {
      const traits = new Set<string>();
      for (let at = 0; at <= depth; at++) for (const trait of this.#chosen[at]?.traits ?? []) traits.add(trait);
      if (!meetsAll(slot.completes.required, traits)) return false;
    }
    return true;
  }

  /** Amounts that several slots take of one inventory must fit together. */
  #overbooks(depth: number, slot: Slot, provider: Provider): boolean {
    for (const [name, amount] of slot.resources) {
      let sum = amount;
      for (let at = 0; at < depth; at++) {
        if (this.#chosen[at] !== provider) continue;
        for (const [other, more] of this.#plan.slots[at]?.resources ?? []) if (other === name) sum += more;
      }
      const inventory = provider.inventories.get(name);
      if (!inventory || inventory.used + sum > capacity(inventory) || sum > inventory.maxUnit) return true;
    }
    return false;
  }

  #subtreesHold(): boolean {
    return this.#plan.subtrees.every((slots) => {
      const members = slots.flatMap((at) => this.#chosen[at] ?? []);
      return members.some((top) => members.every((one) => one === top || this.#index.isBelow(one, top)));
    });
  }
}

function serves(slot: Slot, provider: Provider, tree: Tree, inTree: ReadonlyMap<string, number>): boolean {
  const inTreeRootId = inTree.get(slot.group.suffix);
  if (slot.group.suffix !== '') return servesGroup(provider, slot.group, inTreeRootId);
  const [resource] = slot.resources;
  return (
    resource !== undefined && servesResource(provider, tree.root, slot.group, resource[0], resource[1], inTreeRootId)
  );
}
