// Before microversion 1.5 nodes had no names: what is no UUID names nothing there.
import { type ApiRequest, atLeast, type Route } from '../../openstack/index.ts';
import { errors } from '../errors.ts';
import { isUuid } from './names.ts';

export function withNamesSince(route: Route): Route {
  if (!/\/nodes\/:node\b/.test(route.path)) return route;
  return {
    ...route,
    handler(request: ApiRequest) {
      const ident = request.params.node ?? '';
      if (!isUuid(ident) && !atLeast(request.context.microversion, '1.5')) throw errors.NodeNotFound(ident);
      return route.handler(request);
    },
  };
}
