// Handlers for flavors, their extra specs and who may use them.
import { randomUUID } from 'node:crypto';
import type { Static } from '@sinclair/typebox';
import { type ApiRequest, atLeast, empty, json, type RequestContext } from '../../openstack/index.ts';
import { errors } from '../errors.ts';
import { isTrue, maxInteger, nextLinks, selfLinks } from '../links.ts';
import { limitOf } from '../paging.ts';
import type { FlavorRow, Texts } from '../tables.ts';
import type { flavorAction, flavorChange, newFlavor, newSpecs } from './schemas.ts';
import { type FlavorStore, flavorSortKeys } from './store.ts';

type Request<Body = unknown> = ApiRequest<unknown, Body>;

export function flavorHandlers({ flavors }: { flavors: FlavorStore }) {
  const isAdmin = ({ caller }: RequestContext) => caller.roles.includes('admin');

  async function find({ params, context }: Pick<Request, 'params' | 'context'>): Promise<FlavorRow> {
    const id = params.flavor ?? '';
    const row = id.includes('\0')
      ? undefined
      : await flavors.find(id, context.caller.projectId ?? '', isAdmin(context));
    if (!row) throw errors.FlavorNotFound(id);
    return row;
  }

  async function list({ context, search, may }: Request, detail: boolean) {
    const limit = limitOf(search);
    const sortKey = search.get('sort_key') ?? 'flavorid';
    const key = flavorSortKeys.find((one) => one === sortKey);
    if (!key) throw errors.Invalid(`Invalid sort key: ${sortKey}`);
    const dir = search.get('sort_dir') ?? 'asc';
    if (dir !== 'asc' && dir !== 'desc') throw errors.Invalid(`Invalid sort direction: ${dir}`);
    const isPublic = readPublic(search.get('is_public'));
    const rows = await flavors.list({
      ...(isPublic === undefined ? {} : { isPublic }),
      projectId: context.caller.projectId ?? '',
      admin: isAdmin(context),
      minRamMb: minimum(search, 'minRam'),
      minDiskGb: minimum(search, 'minDisk'),
      sortKey: key,
      sortDir: dir,
    });
    const marker = search.get('marker');
    const at = marker === null ? -1 : rows.findIndex((row) => row.id === marker);
    if (marker !== null && at < 0) throw errors.MarkerNotFound(marker);
    const page = rows.slice(at + 1, at + 1 + limit);
    const path = detail ? '/flavors/detail' : '/flavors';
    const view = detail ? (row: FlavorRow) => flavorView(row, context, may) : (row: FlavorRow) => brief(row, context);
    return json({
      flavors: page.map(view),
      ...nextLinks('flavors', context.baseUrl, path, search, {
        lastId: page.at(-1)?.id,
        full: at + 1 + limit < rows.length,
      }),
    });
  }

  return {
    list: (request: Request) => list(request, false),
    detail: (request: Request) => list(request, true),
    show: async (request: Request) => json({ flavor: flavorView(await find(request), request.context, request.may) }),

    async create({ body, context, may }: Request<Static<typeof newFlavor>>) {
      const given = body.flavor;
      if (given.description !== undefined && !atLeast(context.microversion, '2.55'))
        throw errors.Invalid(
          'Invalid input for field/attribute flavor. Additional properties are not allowed (description)',
        );
      const numbers = {
        ramMb: Number(given.ram),
        vcpus: Number(given.vcpus),
        diskGb: Number(given.disk),
        ephemeralGb: Number(given['OS-FLV-EXT-DATA:ephemeral'] ?? 0),
        swapMb: Number(given.swap ?? 0),
      };
      const wrong = Object.entries(numbers).find(([, value]) => value > maxInteger);
      if (wrong || numbers.ramMb < 1 || numbers.vcpus < 1)
        throw errors.FlavorInvalid(`Invalid input for field/attribute ${wrong?.[0] ?? 'ram or vcpus'}: out of range.`);
      const id = given.id === undefined || given.id === null || given.id === 'auto' ? randomUUID() : String(given.id);
      const made = await flavors.create({
        id,
        name: given.name,
        ...numbers,
        rxtxFactor: Number(given.rxtx_factor ?? 1),
        isPublic: isTrue(given['os-flavor-access:is_public'], true),
        description: given.description ?? null,
      });
      if ('taken' in made) throw errors.FlavorExists(made.taken === 'ID' ? `ID ${id}` : `name ${given.name}`);
      if (!made.is_public && context.caller.projectId) await flavors.allow(id, context.caller.projectId);
      return json({ flavor: flavorView(made, context, may) });
    },

    async update(request: Request<Static<typeof flavorChange>>) {
      const row = await find(request);
      const saved = await flavors.setDescription(row.id, request.body.flavor.description);
      return json({ flavor: flavorView(saved, request.context, request.may) });
    },

    async remove(request: Request) {
      await flavors.remove((await find(request)).id);
      return empty(202);
    },

    specs: async (request: Request) => json({ extra_specs: (await find(request)).extra_specs }),

    async addSpecs(request: Request<Static<typeof newSpecs>>) {
      const row = await find(request);
      const specs = toTexts(request.body.extra_specs);
      await flavors.setSpecs(row.id, specs);
      return json({ extra_specs: specs });
    },

    async spec(request: Request) {
      const row = await find(request);
      const key = request.params.key ?? '';
      const value = Object.hasOwn(row.extra_specs, key) ? row.extra_specs[key] : undefined;
      if (value === undefined) throw errors.ExtraSpecNotFound(row.id, key);
      return json({ [key]: value });
    },

    async setSpec(request: Request<Readonly<Record<string, string | number>>>) {
      const row = await find(request);
      const key = request.params.key ?? '';
      const specs = toTexts(request.body);
      if (!Object.hasOwn(specs, key)) throw errors.Invalid('Request body and URI mismatch');
      await flavors.setSpecs(row.id, specs);
      return json(specs);
    },

    async removeSpec(request: Request) {
      const row = await find(request);
      const key = request.params.key ?? '';
      if (key.includes('\0') || !(await flavors.removeSpec(row.id, key))) throw errors.ExtraSpecNotFound(row.id, key);
      return empty(200);
    },

    async access(request: Request) {
      const row = await find(request);
      if (row.is_public) throw errors.FlavorAccessPublic();
      return json({ flavor_access: await accessView(row.id) });
    },

    async action(request: Request<Static<typeof flavorAction>>) {
      const row = await find(request);
      const { body } = request;
      if ('addTenantAccess' in body) {
        if (row.is_public) throw errors.FlavorPublic(row.id);
        const { tenant } = body.addTenantAccess;
        if (!(await flavors.allow(row.id, tenant))) throw errors.FlavorAccessExists(row.id, tenant);
      } else {
        const { tenant } = body.removeTenantAccess;
        if (!(await flavors.refuse(row.id, tenant))) throw errors.FlavorAccessNotFound(row.id, tenant);
      }
      return json({ flavor_access: await accessView(row.id) });
    },
  };

  async function accessView(id: string) {
    return (await flavors.access(id)).map((project) => ({ flavor_id: id, tenant_id: project }));
  }
}

function brief(row: FlavorRow, { baseUrl, microversion }: RequestContext): Record<string, unknown> {
  return {
    id: row.id,
    name: row.name,
    links: selfLinks(baseUrl, `flavors/${row.id}`),
    ...(atLeast(microversion, '2.55') ? { description: row.description } : {}),
  };
}

function flavorView(row: FlavorRow, context: RequestContext, may: Request['may']): Record<string, unknown> {
  const { microversion } = context;
  const specs = atLeast(microversion, '2.61') && may('os_compute_api:os-flavor-extra-specs:index');
  return {
    ...brief(row, context),
    ram: row.ram_mb,
    disk: row.disk_gb,
    vcpus: row.vcpus,
    swap: row.swap_mb === 0 && !atLeast(microversion, '2.75') ? '' : row.swap_mb,
    rxtx_factor: row.rxtx_factor,
    'OS-FLV-DISABLED:disabled': row.disabled,
    'OS-FLV-EXT-DATA:ephemeral': row.ephemeral_gb,
    'os-flavor-access:is_public': row.is_public,
    ...(specs ? { extra_specs: row.extra_specs } : {}),
  };
}

function toTexts(specs: Readonly<Record<string, string | number>>): Texts {
  return Object.fromEntries(Object.entries(specs).map(([key, value]) => [key, String(value)]));
}

function minimum(search: URLSearchParams, name: string): number {
  const text = search.get(name) ?? '0';
  if (!/^\d{1,9}$/.test(text)) throw errors.Invalid(`Invalid ${name} filter [${text}]`);
  return Number(text);
}

function readPublic(text: string | null): boolean | 'any' | undefined {
  if (text === null) return undefined;
  if (/^none$/i.test(text)) return 'any';
  if (/^(true|t|1|yes|on)$/i.test(text)) return true;
  if (/^(false|f|0|no|off)$/i.test(text)) return false;
  throw errors.Invalid(`Invalid is_public filter [${text}]`);
}
