// A tree of providers as one value: the unit that the search looks at and that a change replaces.
import type { Provider } from '../provider/provider.ts';

export interface Tree {
  readonly root: Provider;
  /** In the order of their creation; the root is among them. */
  readonly providers: readonly Provider[];
}

/** Is `ancestor` the provider itself or above it? */
export function isBelow(tree: Tree, provider: Provider, ancestor: Provider): boolean {
  for (let at: Provider | undefined = provider; at; at = parentOf(tree, at)) if (at === ancestor) return true;
  return false;
}

export function parentOf(tree: Tree, provider: Provider): Provider | undefined {
  return provider.parentId === null ? undefined : tree.providers.find((one) => one.id === provider.parentId);
}
