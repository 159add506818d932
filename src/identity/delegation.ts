// Keeps delegated tokens from what would outlive the delegation: credentials, application credentials, access rules.
import type { ApiRequest, Route } from '../openstack/index.ts';
import { errors } from './errors.ts';
import type { Parts } from './parts.ts';

type Delegation = 'trust' | 'application credential';

/** `routes`, refused with 403 to tokens of these delegations. */
export function withoutDelegation(parts: Parts, refused: readonly Delegation[], routes: readonly Route[]): Route[] {
  return routes.map((route) => ({
    ...route,
    handler: async (request) => {
      const delegation = await delegationOf(parts, request);
      if (delegation && refused.includes(delegation))
        throw errors.Denied(`A token of a ${delegation} cannot be used for this.`);
      return route.handler(request);
    },
  }));
}

async function delegationOf(parts: Parts, { context }: ApiRequest): Promise<Delegation | undefined> {
  const { caller } = context;
  if (caller.token === undefined) return undefined;
  const token = await parts.tokens.inspect(caller.token, { at: parts.seenAt(caller) });
  if (token?.trust) return 'trust';
  return token?.applicationCredential ? 'application credential' : undefined;
}
