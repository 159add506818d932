// All providers in memory, by tree, by resource class and by aggregate.
import type { Provider } from '../provider/provider.ts';
import type { Reading } from './read.ts';
import type { Tree } from './tree.ts';

const sharingTrait = 'MISC_SHARES_VIA_AGGREGATE';

export class ProviderIndex {
  readonly #providers = new Map<number, Provider>();
  readonly #byUuid = new Map<string, Provider>();
  readonly #members = new Map<number, Set<number>>();
  readonly #trees = new Map<number, Tree>();
  /** Resource class -> ids of providers with inventory of it. */
  readonly #byClass = new Map<string, Set<number>>();
  /** Aggregate -> ids of its providers that share. */
  readonly #sharing = new Map<string, Set<number>>();

  /** Trait -> how many providers have it. */
  readonly #traitUse = new Map<string, number>();

  get size(): number {
    return this.#providers.size;
  }

  providers(): IterableIterator<Provider> {
    return this.#providers.values();
  }

  /** Does any provider have this trait? Then the trait exists, for one in use cannot be deleted. */
  usesTrait(trait: string): boolean {
    return this.#traitUse.has(trait);
  }

  /** Does any provider have inventory of this class? */
  usesClass(resourceClass: string): boolean {
    return this.#byClass.has(resourceClass);
  }

  byUuid(uuid: string): Provider | undefined {
    return this.#byUuid.get(uuid);
  }

  byId(id: number): Provider | undefined {
    return this.#providers.get(id);
  }

  /** The tree whose root has this id; built when first asked for after a change. */
  tree(rootId: number): Tree | undefined {
    const known = this.#trees.get(rootId);
    if (known) return known;
    const root = this.#providers.get(rootId);
    const members = this.#members.get(rootId);
    if (!root || !members) return undefined;
    const providers: Provider[] = [];
    for (const id of [...members].sort((a, b) => a - b)) {
      const provider = this.#providers.get(id);
      if (provider) providers.push(provider);
    }
    const tree = { root, providers };
    this.#trees.set(rootId, tree);
    return tree;
  }

  /** Is `ancestor` the provider itself or above it, in whatever tree they are? */
  isBelow(provider: Provider, ancestor: Provider): boolean {
    let at: Provider | undefined = provider;
    while (at && at.id !== ancestor.id) at = at.parentId === null ? undefined : this.#providers.get(at.parentId);
    return at !== undefined;
  }

  /** Ids of all roots, oldest first in a freshly built index. */
  roots(): IterableIterator<number> {
    return this.#members.keys();
  }

  /** Ids of the providers with inventory of a class. */
  providersWith(resourceClass: string): ReadonlySet<number> {
    return this.#byClass.get(resourceClass) ?? none;
  }

  get hasSharing(): boolean {
    return this.#sharing.size > 0;
  }

  /** Providers outside of the tree that share their inventory with a provider of it through an aggregate. */
  sharingWith(tree: Tree): Provider[] {
    if (this.#sharing.size === 0) return [];
    const found = new Map<number, Provider>();
    for (const member of tree.providers)
      for (const aggregate of member.aggregates)
        for (const id of this.#sharing.get(aggregate) ?? none) {
          const provider = this.#providers.get(id);
          if (provider && provider.rootId !== tree.root.id) found.set(id, provider);
        }
    return [...found.values()].sort((a, b) => a.id - b.id);
  }

  /** Takes over what a reading has found. */
  apply(reading: Reading): void {
    for (const id of reading.gone) this.#remove(id);
    for (const provider of reading.changed) {
      this.#remove(provider.id);
      this.#add(provider);
    }
  }

  #add(provider: Provider): void {
    this.#providers.set(provider.id, provider);
    this.#byUuid.set(provider.uuid, provider);
    insert(this.#members, provider.rootId, provider.id);
    for (const name of provider.inventories.keys()) insert(this.#byClass, name, provider.id);
    for (const trait of provider.traits) this.#traitUse.set(trait, (this.#traitUse.get(trait) ?? 0) + 1);
    if (provider.traits.has(sharingTrait))
      for (const aggregate of provider.aggregates) insert(this.#sharing, aggregate, provider.id);
    this.#trees.delete(provider.rootId);
  }

  #remove(id: number): void {
    const provider = this.#providers.get(id);
    if (!provider) return;
    this.#providers.delete(id);
    this.#byUuid.delete(provider.uuid);
    drop(this.#members, provider.rootId, id);
    for (const name of provider.inventories.keys()) drop(this.#byClass, name, id);
    for (const trait of provider.traits) {
      const left = (this.#traitUse.get(trait) ?? 1) - 1;
      if (left > 0) this.#traitUse.set(trait, left);
      else this.#traitUse.delete(trait);
    }
    if (provider.traits.has(sharingTrait))
      for (const aggregate of provider.aggregates) drop(this.#sharing, aggregate, id);
    this.#trees.delete(provider.rootId);
  }
}

const none: ReadonlySet<number> = new Set();

function insert<Key>(map: Map<Key, Set<number>>, key: Key, id: number): void {
  const set = map.get(key);
  if (set) set.add(id);
  else map.set(key, new Set([id]));
}

function drop<Key>(map: Map<Key, Set<number>>, key: Key, id: number): void {
  const set = map.get(key);
  if (!set?.delete(id)) return;
  if (set.size === 0) map.delete(key);
}
