// Old clients ask for `NAME.json`: before 1.91 that is NAME, unless only something of the whole name is there.
import { ApiError, type ApiRequest, atLeast, type Route } from '../../openstack/index.ts';

/** The route for either way of naming what its last parameter names. */
export function withJsonSuffix(route: Route): Route {
  const last = /:(\w+)$/.exec(route.path)?.[1];
  if (last === undefined) return route;
  return {
    ...route,
    async handler(request: ApiRequest) {
      const ident = request.params[last] ?? '';
      if (!ident.endsWith('.json') || atLeast(request.context.microversion, '1.91')) return route.handler(request);
      try {
        return await route.handler({
          ...request,
          params: { ...request.params, [last]: ident.slice(0, -'.json'.length) },
        });
      } catch (error) {
        if (error instanceof ApiError && error.status === 404) return route.handler(request);
        throw error;
      }
    },
  };
}
