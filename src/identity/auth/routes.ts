// Tokens and what a token can reach: /v3/auth.
import { Type } from '@sinclair/typebox';
import { type Answer, type ApiRequest, empty, json, type Route, route } from '../../openstack/index.ts';
import { errors } from '../errors.ts';
import type { Generation } from '../generation.ts';
import type { Parts } from '../parts.ts';
import { revokeToken } from '../revocation/revoke.ts';
import { projectById } from '../store.ts';
import type { TokenContext } from '../token/context.ts';
import { keystoneTime, renderToken } from '../token/render.ts';
import { type Lacking, login } from './login.ts';
import { reachableDomains, reachableProjects, reachesSystem } from './reach.ts';
import { authSchema } from './schema.ts';

const receiptHeader = 'openstack-auth-receipt';

export function authRoutes(parts: Parts): Route[] {
  return [
    route({
      method: 'POST',
      path: '/v3/auth/tokens',
      policy: null,
      summary: 'Authenticate and get a token',
      body: authSchema,
      handler: async ({ body, search, headers }) => {
        const at = await parts.generation();
        const receipt = headers[receiptHeader];
        const result = await login(parts, body, typeof receipt === 'string' ? receipt : undefined, at);
        if ('receipt' in result)
          return json(await renderReceipt(parts, result), 401, { [receiptHeader]: result.receiptId });
        const { token, context } = result;
        return json(await rendered(parts, context, !search.has('nocatalog'), at), 201, tokenHeaders(token));
      },
    }),
    route({
      method: 'GET',
      path: '/v3/auth/tokens',
      policy: 'identity:validate_token',
      enforcement: 'handler',
      summary: 'Validate a token and show it',
      handler: async (request) => {
        const { token, context } = await subject(parts, request, 'identity:validate_token');
        const at = parts.seenAt(request.context.caller);
        return json(await rendered(parts, context, !request.search.has('nocatalog'), at), 200, tokenHeaders(token));
      },
    }),
    route({
      method: 'HEAD',
      path: '/v3/auth/tokens',
      policy: 'identity:check_token',
      enforcement: 'handler',
      summary: 'Check a token',
      handler: async (request) => {
        await subject(parts, request, 'identity:check_token');
        return empty(200);
      },
    }),
    route({
      method: 'DELETE',
      path: '/v3/auth/tokens',
      policy: 'identity:revoke_token',
      enforcement: 'handler',
      summary: 'Revoke a token',
      handler: async (request) => {
        const { context } = await subject(parts, request, 'identity:revoke_token');
        await revokeToken(parts, context.claims);
        return empty();
      },
    }),
    ...reach(parts),
  ];
}

function reach(parts: Parts): Route[] {
  const links = (request: ApiRequest, path: string) => ({
    self: `${request.context.baseUrl}${path}`,
    previous: null,
    next: null,
  });
  return [
    route({
      method: 'GET',
      path: '/v3/auth/catalog',
      policy: 'identity:get_auth_catalog',
      summary: 'The catalogue of this token',
      query: Type.Object({}, { additionalProperties: true }),
      handler: async (request) => {
        const { userId, projectId, domainId, systemScope } = request.context.caller;
        if (projectId === undefined && domainId === undefined && systemScope === undefined)
          throw errors.Denied('A scoped token is needed to make a service catalogue.');
        const catalog = await parts.catalog.entries({ userId, projectId }, parts.seenAt(request.context.caller));
        return json({ catalog, links: links(request, '/v3/auth/catalog') });
      },
    }),
    route({
      method: 'GET',
      path: '/v3/auth/projects',
      policy: 'identity:get_auth_projects',
      summary: 'Projects that this token can be rescoped to',
      handler: async (request) => {
        const { baseUrl, caller } = request.context;
        const projects = await reachableProjects(parts.database, caller.userId, baseUrl);
        return json({ projects, links: links(request, '/v3/auth/projects') });
      },
    }),
    route({
      method: 'GET',
      path: '/v3/auth/domains',
      policy: 'identity:get_auth_domains',
      summary: 'Domains that this token can be rescoped to',
      handler: async (request) => {
        const { baseUrl, caller } = request.context;
        const domains = await reachableDomains(parts.database, caller.userId, baseUrl);
        return json({ domains, links: links(request, '/v3/auth/domains') });
      },
    }),
    route({
      method: 'GET',
      path: '/v3/auth/system',
      policy: 'identity:get_auth_system',
      summary: 'Whether this token can be rescoped to the system',
      handler: async (request) => {
        const system = await reachesSystem(parts.database, request.context.caller.userId);
        return json({ system: system ? [{ all: true }] : [], links: links(request, '/v3/auth/system') });
      },
    }),
  ];
}

/** Keystone's answer to a login that lacks a factor. */
async function renderReceipt({ database }: Parts, { receipt, user, required }: Lacking) {
  const domain = await projectById(database, user.domain_id);
  return {
    receipt: {
      methods: receipt.methods,
      user: { id: user.id, name: user.name, domain: { id: user.domain_id, name: domain?.name } },
      issued_at: keystoneTime(receipt.issuedAt),
      expires_at: keystoneTime(receipt.expiresAt),
    },
    required_auth_methods: required,
  };
}

function tokenHeaders(token: string): Record<string, string> {
  return { 'x-subject-token': token, vary: 'X-Auth-Token' };
}

async function rendered(
  parts: Parts,
  context: TokenContext,
  withCatalog: boolean,
  at: Generation | undefined,
): Promise<Answer['body']> {
  const catalog = withCatalog
    ? await parts.catalog.entries({ userId: context.user.id, projectId: context.project?.id }, at)
    : undefined;
  return renderToken(context, catalog);
}

/** The token that X-Subject-Token names, once the caller may see it. Throws TokenNotFound. */
async function subject(
  parts: Parts,
  request: ApiRequest,
  rule: string,
): Promise<{ token: string; context: TokenContext }> {
  const token = request.headers['x-subject-token'];
  if (typeof token !== 'string') throw errors.TokenNotFound();
  const allowExpired = ['1', 'true'].includes(request.search.get('allow_expired')?.toLowerCase() ?? '');
  const context = await parts.tokens.inspect(token, { allowExpired, at: parts.seenAt(request.context.caller) });
  if (!context) throw errors.TokenNotFound();
  request.enforce(rule, { 'target.token.user_id': context.user.id });
  return { token, context };
}
