// Placement's microversions.
import type { ApiRequest } from '../../openstack/index.ts';

export const oldest = '1.0';
export const newest = '1.39';

/** Is the request at 1.`minor` or newer? */
export function since(request: ApiRequest, minor: number): boolean {
  return request.context.microversion.minor >= minor;
}
