// The whole introspection API: Ironic Inspector's, as a face of our own inspection.
import { type Api, formatMicroversion, introspectionFault, json, type Route, route } from '../../openstack/index.ts';
import { queryOf } from '../document/guarded.ts';
import type { Parts } from '../parts.ts';
import { introspectionHandlers } from './handlers.ts';
import { introspectionPolicy } from './policy.ts';
import { newRuleSchema, ruleHandlers } from './rules.ts';
import { maxVersion, minVersion, newest, rootDocument, v1Document } from './versions.ts';

export function introspectionApi(parts: Parts): Api {
  const rangeHeaders = {
    'X-OpenStack-Ironic-Inspector-API-Minimum-Version': formatMicroversion(minVersion),
    'X-OpenStack-Ironic-Inspector-API-Maximum-Version': newest,
  };
  return {
    service: 'baremetal-introspection',
    path: '/introspection',
    noauthAdmins: 'everybody',
    policy: introspectionPolicy(parts.config.strictScopes),
    renderFault: introspectionFault,
    microversions: {
      range: { min: minVersion, max: maxVersion },
      fallback: newest,
      headers: ['x-openstack-ironic-inspector-api-version', 'openstack-api-version'],
      refusal: { headers: rangeHeaders, malformed: 400 },
      unsupported: (text) =>
        `Unsupported API version ${text}, supported range is ${formatMicroversion(minVersion)} to ${newest}.`,
      answer: (version) => ({
        ...rangeHeaders,
        'X-OpenStack-Ironic-Inspector-API-Version': version,
        'OpenStack-API-Version': `baremetal-introspection ${version}`,
        vary: 'X-OpenStack-Ironic-Inspector-API-Version, OpenStack-API-Version',
      }),
    },
    routes: routes(parts),
  };
}

function routes(parts: Parts): Route[] {
  const { list, show, start, abort, data, unprocessed, reapply } = introspectionHandlers(parts);
  const rules = ruleHandlers(parts);
  const node = '/v1/introspection/:node';
  const at = (
    method: Route['method'],
    path: string,
    rule: string,
    summary: string,
    handler: Route['handler'],
    asks: readonly string[] = [],
  ): Route => route({ method, path, policy: `introspection:${rule}`, summary, ...queryOf(asks), handler });
  const openTo = (path: string, summary: string, handler: Route['handler']) =>
    route({ method: 'GET', path, policy: null, summary, handler });
  return [
    openTo('', 'Versions', ({ context }) => json(rootDocument(context))),
    openTo('/v1', 'What version 1 has', ({ context }) => json(v1Document(context))),
    at('GET', '/v1/introspection', 'status', 'Introspections, the newest first', list, ['limit', 'marker', 'state']),
    at('GET', node, 'status', 'How the introspection of a node stands', show),
    at('POST', node, 'start', 'Inspect a node', start, ['manage_boot']),
    at('POST', `${node}/abort`, 'abort', 'End it while it waits for the ramdisk', abort),
    at('GET', `${node}/data`, 'data', 'What was found, and what was derived from it', data),
    at('GET', `${node}/data/unprocessed`, 'data', 'What was reported', unprocessed),
    {
      ...at('POST', `${node}/data/unprocessed`, 'reapply', 'Derive anew from that, or from the report given', reapply),
      payload: 'any',
    },
    at('GET', '/v1/rules', 'rule:get', 'Rules that were made here', rules.list),
    route({
      method: 'POST',
      path: '/v1/rules',
      policy: 'introspection:rule:create',
      summary: 'Make a rule',
      body: newRuleSchema,
      payload: 'any',
      handler: rules.create,
    }),
    at('DELETE', '/v1/rules', 'rule:delete', 'Remove all rules that were made here', rules.purge),
    at('GET', '/v1/rules/:rule', 'rule:get', 'A rule', rules.show),
    at('DELETE', '/v1/rules/:rule', 'rule:delete', 'Remove it', rules.remove),
  ];
}
