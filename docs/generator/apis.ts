// One page for each API: its routes, its default policy, its errors.
import { type Api, formatMicroversion, type Route } from '../../src/openstack/index.ts';
import { type CatalogueEntry, errorTable } from './errors.ts';
import { code, type Page, page, table } from './markdown.ts';

export function apiPage(api: Api, errors: readonly CatalogueEntry[]): Page {
  const { microversions } = api;
  return page(
    `api/${api.service}.md`,
    `The ${api.service} API`,
    `Served below ${code(api.path)}.${
      microversions
        ? ` Microversions ${formatMicroversion(microversions.range.min)} to ${formatMicroversion(microversions.range.max)}; without one in the request, ${microversions.fallback ?? formatMicroversion(microversions.range.min)}.`
        : ''
    } Rows without a rule are open to anybody.`,
    '## Routes',
    routeTable(api.routes),
    '## Default policy',
    'A policy file (see [configuration](../configuration.md)) overrides rules by name.',
    table(
      ['Rule', 'Who passes', 'Scope of the token'],
      Object.entries(api.policy).map(([rule, expression]) => [
        code(rule),
        code(String(expression)) || 'everybody',
        (api.scopeTypes?.[rule] ?? []).join(', '),
      ]),
    ),
    errors.length === 0 ? '' : '## Errors',
    errors.length === 0 ? '' : errorTable(errors),
  );
}

/** The machines' listener on the provisioning network: several small APIs side by side. */
export function machinesPage(apis: readonly Api[]): Page {
  return page(
    'api/machines.md',
    'What machines call',
    'Served on the provisioning network (`up --provision`), plain HTTP. Machines prove themselves by tokens in the path or the body, not by a login.',
    routeTable(
      apis.flatMap((api) => api.routes.map((route) => ({ ...route, path: `${api.path}${route.path}`, policy: null }))),
    ),
  );
}

function routeTable(routes: readonly Route[]): string {
  const rows = new Map<string, readonly string[]>();
  const all = new Set(routes.map(({ path }) => path));
  for (const { method, path, since, until, policy, summary } of routes) {
    // An older spelling of a path that is on the page anyway.
    if (path !== '' && path !== '/' && all.has(`/v1${path}`)) continue;
    const shown = path.replace(/(.)\/$/, '$1') || '/';
    const versions = until === undefined ? (since ?? '') : `${since ?? ''} to ${until}`.trim();
    const row = [method, code(shown), versions, code(policy ?? ''), summary];
    const key = row.slice(0, 3).join(' ');
    if (!rows.has(key)) rows.set(key, row);
  }
  return table(['Method', 'Path', 'Microversions', 'Rule', 'What it does'], [...rows.values()]);
}
