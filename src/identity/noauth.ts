// OpenStack's noauth2: the token is the name, nothing is checked.
import type { Authenticate, Caller } from '../openstack/index.ts';
import { defaultDomainId } from './store.ts';

const adminRoles = ['admin', 'manager', 'member', 'reader'];

/**
 * `X-Auth-Token: USER[:PROJECT]`; the project is the user's name when none is given, X-Project-Id another one.
 * X-Roles names the roles; without it the user `admin` has the role admin and what it implies, and others where the API's
 * `noauthAdmins` says so. Without a token the API's `noauthWithoutToken` decides.
 */
export function createNoauth(): Authenticate {
  return async (headers, api) => {
    const token = one(headers['x-auth-token']);
    if (token === undefined)
      return api.noauthWithoutToken === 'refuse' ? undefined : callerFor('admin', 'admin', headers, api);
    const colon = token.indexOf(':');
    const user = colon < 0 ? token : token.slice(0, colon);
    return callerFor(user, (colon < 0 ? '' : token.slice(colon + 1)) || user, headers, api);
  };
}

type Headers = Parameters<Authenticate>[0];
type NoauthApi = Parameters<Authenticate>[1];

function callerFor(user: string, project: string, headers: Headers, { noauthAdmins }: NoauthApi): Caller {
  const named = one(headers['x-roles']);
  const projectId = one(headers['x-project-id']) ?? project;
  const roles = user === 'admin' || noauthAdmins === 'everybody' ? adminRoles : [];
  const scope: Partial<Caller> =
    one(headers['openstack-system-scope']) === 'all'
      ? { systemScope: 'all' }
      : { projectId, projectName: projectId, projectDomainId: defaultDomainId };
  return {
    userId: user,
    userName: user,
    userDomainId: defaultDomainId,
    ...scope,
    roles: named === undefined ? roles : named.split(',').flatMap((role) => role.trim() || []),
  };
}

function one(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}
