// What the routes of drivers and conductors do.

import type { HardwareDriver } from '../../hardware/index.ts';
import { type Answer, type ApiRequest, atLeast, json } from '../../openstack/index.ts';
import { links, time } from '../document/fields.ts';
import { flag, listQuery, pageOf } from '../document/paging.ts';
import { errors } from '../errors.ts';
import { aliveMs } from '../loops.ts';
import { renderContext } from '../node/handlers.ts';
import { type InterfaceName, interfaceNames } from '../node/schemas.ts';
import type { Parts } from '../parts.ts';
import { tables } from '../store.ts';

/** What a logical disk of `target_raid_config` may say (Ironic's generic RAID schema). */
const logicalDiskProperties = {
  size_gb: 'Size of the volume in GiB, or MAX for all that is left. Required.',
  raid_level: 'Level of the volume: JBOD, 0, 1, 2, 5, 6, 1+0, 5+0 or 6+0. Required.',
  volume_name: 'Name of the volume; made up where it is left out.',
  is_root_volume: 'Is this the volume that the system goes on? One at the most.',
  share_physical_disks: 'May its disks hold other volumes too? Default false.',
  disk_type: 'hdd or ssd; any where it is left out.',
  interface_type: 'sata, scsi or sas; any where it is left out.',
  number_of_physical_disks: 'How many disks it uses; chosen by the level where it is left out.',
  controller: 'Name of the controller.',
  physical_disks: 'The disks to use, as the controller names them.',
  span_depth: 'How many spans a volume of level 1+0, 5+0 or 6+0 has. Default 2.',
  span_length: 'How many disks each span has.',
};

const interfaceSince: Partial<Record<InterfaceName, string>> = {
  bios: '1.40',
  rescue: '1.38',
  storage: '1.33',
  firmware: '1.86',
};

export function driverHandlers(parts: Parts) {
  const { database, hardware } = parts;

  function driverOf(request: ApiRequest): HardwareDriver {
    const name = request.params.driver ?? '';
    const driver = hardware.get(name);
    if (!driver) throw errors.DriverNotFound(name, [...hardware.keys()]);
    return driver;
  }

  async function hosts(): Promise<string[]> {
    const alive = await tables(database)
      .selectFrom('baremetal_conductors')
      .select('hostname')
      .where('updated_at', '>', new Date(Date.now() - aliveMs))
      .orderBy('hostname')
      .execute();
    return alive.map(({ hostname }) => hostname);
  }

  function document(
    request: ApiRequest,
    driver: HardwareDriver,
    on: readonly string[],
    detail: boolean,
  ): Record<string, unknown> {
    const context = renderContext(request, parts.host);
    const own = { rel: 'self', href: `${context.baseUrl}/v1/drivers/${driver.name}` };
    return {
      name: driver.name,
      hosts: on,
      links: [own, { rel: 'bookmark', href: `${context.baseUrl}/drivers/${driver.name}` }],
      ...(atLeast(context.version, '1.14') ? { properties: links(context, `drivers/${driver.name}/properties`) } : {}),
      ...(atLeast(context.version, '1.30') ? { type: 'dynamic' } : {}),
      ...(detail && atLeast(context.version, '1.30') ? choices(request, driver) : {}),
    };
  }

  function choices(request: ApiRequest, driver: HardwareDriver): Record<string, unknown> {
    const shown = interfaceNames.filter((name) => {
      const since = interfaceSince[name];
      return since === undefined || atLeast(request.context.microversion, since);
    });
    return Object.fromEntries(
      shown.flatMap((name) => [
        [`default_${name}_interface`, driver.interfaces[name][0] ?? null],
        [`enabled_${name}_interfaces`, driver.interfaces[name]],
      ]),
    );
  }

  function onlyVersion(request: ApiRequest, name: string, since: string): void {
    if (request.search.has(name) && !atLeast(request.context.microversion, since)) {
      throw errors.NotAcceptable(`The ${name} query needs microversion ${since} or newer.`);
    }
  }

  /** The fields asked for (1.77). Throws 406 before, 400 for names that a driver does not have. */
  function fieldsOf(request: ApiRequest): string[] | undefined {
    onlyVersion(request, 'fields', '1.77');
    const [any] = hardware.values();
    return any && chosenFields(request, Object.keys(document(request, any, [], true)));
  }

  return {
    async list(request: ApiRequest): Promise<Answer> {
      onlyVersion(request, 'type', '1.30');
      onlyVersion(request, 'detail', '1.30');
      const type = request.search.get('type');
      if (type !== null && type !== 'classic' && type !== 'dynamic')
        throw errors.Invalid(`Driver type ${type} is neither classic nor dynamic.`);
      const detail = flag(request.search, 'detail') ?? false;
      const names = fieldsOf(request);
      if (detail && names) throw errors.Invalid("Can't fetch a subset of fields with 'detail' set");
      const on = await hosts();
      const drivers = type === 'classic' ? [] : [...hardware.values()].sort((a, b) => a.name.localeCompare(b.name));
      const documents = drivers.map((driver) => document(request, driver, on, detail || names !== undefined));
      return json({ drivers: documents.map((one) => only(names, one)) });
    },
    show: async (request: ApiRequest): Promise<Answer> =>
      json(only(fieldsOf(request), document(request, driverOf(request), await hosts(), true))),
    properties: (request: ApiRequest): Answer => json(driverOf(request).properties),
    logicalDisks(request: ApiRequest): Answer {
      const driver = driverOf(request);
      if (driver.interfaces.raid.every((name) => name === 'no-raid'))
        throw errors.UnsupportedInterface(driver.name, 'raid');
      return json(logicalDiskProperties);
    },
    vendorMethods(request: ApiRequest): Answer {
      driverOf(request);
      return json({});
    },
    vendorPassthru(request: ApiRequest): Answer {
      const method = request.params.method ?? request.search.get('method');
      if (!method) throw errors.Invalid('Method not specified when calling vendor extension.');
      throw errors.UnsupportedInterface(driverOf(request).name, `vendor method ${method}`);
    },

    async conductors(request: ApiRequest): Promise<Answer> {
      const { search, context } = request;
      const detail = flag(search, 'detail') ?? false;
      const names = chosenFields(request, conductorFields);
      if (detail && names) throw errors.Invalid("Can't fetch a subset of fields with 'detail' set");
      const query = listQuery(search, sortableConductorFields);
      const all = await tables(database)
        .selectFrom('baremetal_conductors')
        .selectAll()
        .orderBy(sortableConductorFields.find((name) => name === query.sortKey) ?? 'hostname', query.sortDir)
        .orderBy('hostname', query.sortDir)
        .execute();
      const from = all.findIndex(({ hostname }) => hostname === query.marker) + 1;
      if (query.marker !== undefined && from === 0) throw errors.ConductorNotFound(query.marker);
      const page = all.slice(from, from + query.limit).map((row) => ({ ...row, uuid: row.hostname }));
      const shown = (row: (typeof page)[number]) => only(names, conductorDocument(request, row, detail || !!names));
      const at = { baseUrl: context.baseUrl, path: '/v1/conductors', search };
      return json(pageOf('conductors', page, query, shown, at));
    },
    async conductor(request: ApiRequest): Promise<Answer> {
      const name = request.params.host ?? '';
      const row = await tables(database)
        .selectFrom('baremetal_conductors')
        .selectAll()
        .where('hostname', '=', name)
        .executeTakeFirst();
      if (!row) throw errors.ConductorNotFound(name);
      return json(only(chosenFields(request, conductorFields), conductorDocument(request, row, true)));
    },
  };
}

const sortableConductorFields = ['hostname', 'conductor_group', 'created_at', 'updated_at'] as const;
const conductorFields = ['hostname', 'conductor_group', 'alive', 'drivers', 'created_at', 'updated_at', 'links'];

/** The names of a `fields` query. Throws 400 for others than `known`. */
function chosenFields({ search }: ApiRequest, known: readonly string[]): string[] | undefined {
  if (!search.has('fields')) return undefined;
  const names = search.getAll('fields').flatMap((text) => text.split(',').filter((name) => name !== ''));
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0) throw errors.Invalid(`Field(s) "${unknown.join(', ')}" are not valid.`);
  return [...names, 'links'];
}

function only(names: readonly string[] | undefined, document: Record<string, unknown>): Record<string, unknown> {
  if (!names) return document;
  return Object.fromEntries(Object.entries(document).filter(([name]) => names.includes(name)));
}

function conductorDocument(
  request: ApiRequest,
  row: { hostname: string; conductor_group: string; drivers: string[]; created_at: Date; updated_at: Date },
  detail: boolean,
): Record<string, unknown> {
  return {
    hostname: row.hostname,
    conductor_group: row.conductor_group,
    alive: row.updated_at.getTime() > Date.now() - aliveMs,
    ...(detail ? { drivers: row.drivers, created_at: time(row.created_at), updated_at: time(row.updated_at) } : {}),
    links: links(renderContext(request, row.hostname), `conductors/${row.hostname}`),
  };
}
