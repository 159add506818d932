// Handlers for quotas of projects and the defaults.
import { type Static, Type } from '@sinclair/typebox';
import type { Database } from '../../database/index.ts';
import { type ApiRequest, atLeast, empty, json, type RequestContext } from '../../openstack/index.ts';
import { errors } from '../errors.ts';
import { type Amounts, clearLimits, limited, limitsOf, scopeOf, setLimits, unlimited, usesOf } from './quotas.ts';

type Request<Body = unknown> = ApiRequest<unknown, Body>;

const amount = Type.Union([
  Type.Integer({ minimum: -1, maximum: 0x7fffffff }),
  Type.String({ pattern: '^(-1|[0-9]{1,9})$' }),
]);
const limits = Object.fromEntries(limited.map((name) => [name, Type.Optional(amount)]));

export const quotaChange = Type.Object(
  {
    quota_set: Type.Object({ ...limits, force: Type.Optional(Type.Boolean()) }, { additionalProperties: false }),
  },
  { additionalProperties: false },
);
export const quotaClassChange = Type.Object(
  { quota_class_set: Type.Object(limits, { additionalProperties: false }) },
  { additionalProperties: false },
);

/** What this program does not limit; older versions speak of what other services limit, too. */
function unlimitedIn({ microversion }: RequestContext): Record<string, number> {
  return {
    metadata_items: 128,
    server_group_members: unlimited,
    ...(atLeast(microversion, '2.36')
      ? {}
      : { floating_ips: unlimited, fixed_ips: unlimited, security_groups: unlimited, security_group_rules: unlimited }),
    ...(atLeast(microversion, '2.57')
      ? {}
      : { injected_files: 0, injected_file_content_bytes: 0, injected_file_path_bytes: 0 }),
  };
}

export function quotaHandlers(database: Database) {
  const project = (request: Request) => request.params.project ?? '';
  const see = (request: Request, rule: string) =>
    request.enforce(`os_compute_api:os-quota-sets:${rule}`, { project_id: project(request) });
  const shown = async (request: Request, scope: string) => ({
    ...unlimitedIn(request.context),
    ...(await limitsOf(database, scope)),
  });

  return {
    async show(request: Request) {
      see(request, 'show');
      return json({
        quota_set: { id: project(request), ...(await shown(request, scopeOf.project(project(request)))) },
      });
    },

    async defaults(request: Request) {
      return json({ quota_set: { id: project(request), ...(await shown(request, scopeOf.defaults)) } });
    },

    async detail(request: Request) {
      see(request, 'detail');
      const uses: Readonly<Record<string, number>> = await usesOf(database, project(request));
      const all = Object.entries(await shown(request, scopeOf.project(project(request))));
      const details = all.map(([name, limit]) => [name, { limit, in_use: uses[name] ?? 0, reserved: 0 }]);
      return json({ quota_set: { id: project(request), ...Object.fromEntries(details) } });
    },

    async update(request: Request<Static<typeof quotaChange>>) {
      see(request, 'update');
      const { force, ...given } = request.body.quota_set;
      const wanted = amountsOf(given);
      const uses = await usesOf(database, project(request));
      const short = limited.find((name) => {
        const limit = wanted[name] ?? unlimited;
        return limit !== unlimited && limit < uses[name];
      });
      if (short && !force)
        throw errors.Invalid(`Quota value ${wanted[short]} for ${short} is less than used, ${uses[short]}.`);
      await setLimits(database, scopeOf.project(project(request)), wanted);
      return json({ quota_set: await shown(request, scopeOf.project(project(request))) });
    },

    async remove(request: Request) {
      see(request, 'delete');
      await clearLimits(database, scopeOf.project(project(request)));
      return empty(202);
    },

    async showClass(request: Request) {
      const id = classOf(request);
      return json({ quota_class_set: { id, ...(await shown(request, scopeOf.defaults)) } });
    },

    async updateClass(request: Request<Static<typeof quotaClassChange>>) {
      classOf(request);
      await setLimits(database, scopeOf.defaults, amountsOf(request.body.quota_class_set));
      return json({ quota_class_set: await shown(request, scopeOf.defaults) });
    },
  };
}

/** There is one class: what projects without limits of their own have. */
function classOf({ params }: Request): string {
  if (params.class !== 'default') throw errors.QuotaClassNotFound(params.class ?? '');
  return params.class;
}

function amountsOf(given: Readonly<Record<string, unknown>>): Partial<Amounts> {
  return Object.fromEntries(limited.filter((name) => name in given).map((name) => [name, Number(given[name])]));
}
