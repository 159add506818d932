// Turns the X-Auth-Token of a request into its caller.
import type { Authenticate, Caller } from '../openstack/index.ts';
import { allowedByRules } from './access-rules.ts';
import type { Generation } from './generation.ts';
import type { TokenContext } from './token/context.ts';
import { isShapedAsToken, type Tokens } from './token/tokens.ts';

/** `seenAt` keeps, for each caller, the generation that the token was checked at, so that its request need not ask again. */
export function createAuthenticate(
  tokens: Tokens,
  generation: () => Promise<Generation>,
  seenAt: WeakMap<Caller, Generation>,
): Authenticate {
  return async (headers, api, asked) => {
    const token = headers['x-auth-token'];
    if (typeof token !== 'string' || !isShapedAsToken(token)) return undefined;
    const at = await generation();
    const context = await tokens.inspect(token, { at });
    if (!context) return undefined;
    const rules = context.applicationCredential?.accessRules;
    const request = { service: api.service, servicePath: api.path, method: asked.method, path: asked.path };
    if (rules && !allowedByRules(rules, request)) return undefined;
    const caller = callerOf(context, token);
    seenAt.set(caller, at);
    return caller;
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
