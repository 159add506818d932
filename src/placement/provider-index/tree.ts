// A tree of providers as one value: the unit that the search looks at and that a change replaces.
import type { Provider } from '../provider/provider.ts';

export interface Tree {
  readonly root: Provider;
  /** In the order of their creation; the root is among them. */
  readonly providers: readonly Provider[];
}
