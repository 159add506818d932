// Finds a provider for a request, in the state that holds all that was acknowledged before it.
import { errors } from '../errors.ts';
import type { ProviderFollower, ProviderIndex } from '../provider-index/index.ts';
import type { Provider } from './provider.ts';

/** Throws what `missing` makes, ProviderNotFound unless told. */
export async function findProvider(
  follower: ProviderFollower,
  uuid: string,
  missing: (uuid: string) => Error = errors.ProviderNotFound,
): Promise<{ index: ProviderIndex; provider: Provider }> {
  const index = await follower.current();
  const provider = index.byUuid(uuid);
  if (!provider) throw missing(uuid);
  return { index, provider };
}

/** For a write that found no provider at the expected generation, or a body that is wrong: is it the provider that is missing? */
export async function missingOr<Failure>(
  follower: ProviderFollower,
  uuid: string,
  otherwise: Failure,
): Promise<Failure | ReturnType<typeof errors.ProviderNotFound>> {
  const index = await follower.current();
  return index.byUuid(uuid) ? otherwise : errors.ProviderNotFound(uuid);
}
