// Turns the X-Auth-Token of a request into its caller.
import type { Authenticate, Caller } from '../openstack/index.ts';
import { allowedByRules } from './access-rules.ts';
import type { TokenContext } from './token/context.ts';
import type { Tokens } from './token/tokens.ts';

export function createAuthenticate(tokens: Tokens): Authenticate {
  return async (headers, api, asked) => {
    const token = headers['x-auth-token'];
    if (typeof token !== 'string' || token === '') return undefined;
    const context = await tokens.inspect(token);
    if (!context) return undefined;
    const rules = context.applicationCredential?.accessRules;
    const request = { service: api.service, servicePath: api.path, method: asked.method, path: asked.path };
    if (rules && !allowedByRules(rules, request)) return undefined;
    return callerOf(context, token);
  };
}

/** The caller that a token's context describes. */
export function callerOf({ user, project, domain, claims, roles }: TokenContext, token: string): Caller {
  return {
    userId: user.id,
    userName: user.name,
    userDomainId: user.domain_id,
    ...(project ? { projectId: project.id, projectName: project.name, projectDomainId: project.domain.id } : {}),
    ...(domain ? { domainId: domain.id } : {}),
    ...(claims.scope.kind === 'system' ? { systemScope: 'all' as const } : {}),
    roles: roles.map((role) => role.name),
    token,
  };
}
