// What the routes of a node's equipment do: BIOS settings, firmware, indicators, virtual media.
import { type Static, Type } from '@sinclair/typebox';
import { sql } from 'kysely';
import { type BiosSetting, HardwareError, type Indicator, indicatorStates } from '../../hardware/index.ts';
import { type Answer, type ApiRequest, atLeast, empty, json } from '../../openstack/index.ts';
import { links, time } from '../document/fields.ts';
import { flag } from '../document/paging.ts';
import { errors } from '../errors.ts';
import type { Parts } from '../parts.ts';
import { type NodeRow, tables } from '../store.ts';
import { asking } from './ask.ts';
import { renderContext } from './handlers.ts';
import { vendorMethodsOf } from './vendor-methods.ts';

const mediaDevices = ['cdrom', 'floppy', 'disk'];

export const indicatorSchema = Type.Object({ state: Type.String() }, { additionalProperties: false });
export const mediaSchema = Type.Object(
  {
    device_type: Type.Union(mediaDevices.flatMap((name) => [Type.Literal(name), Type.Literal(name.toUpperCase())])),
    image_url: Type.String({ pattern: '^(https?|file)://.+', maxLength: 2048 }),
    image_download_source: Type.Optional(
      Type.Union([Type.Literal('http'), Type.Literal('local'), Type.Literal('swift'), Type.Null()]),
    ),
  },
  { additionalProperties: false },
);

const registryFields = [
  'attribute_type',
  'allowable_values',
  'lower_bound',
  'max_length',
  'min_length',
  'read_only',
  'reset_required',
  'unique',
  'upper_bound',
] as const;
const settingFields = ['created_at', 'updated_at', 'links', 'name', 'value', ...registryFields];

type Request<Body = unknown> = ApiRequest<unknown, Body>;

export function equipmentHandlers(parts: Parts) {
  const ask = asking(parts);

  function settingDocument(request: Request, node: NodeRow, setting: BiosSetting): Record<string, unknown> {
    return {
      created_at: time(node.created_at),
      updated_at: null,
      links: links(renderContext(request, parts.host), `nodes/${node.uuid}/bios/${setting.name}`),
      name: setting.name,
      value: setting.value,
      ...Object.fromEntries(registryFields.map((name) => [name, setting[name]])),
    };
  }
  /** A node without a BIOS interface has no settings, and that is no error. */
  function settings(request: Request): Promise<{ node: NodeRow; all: readonly BiosSetting[] }> {
    return ask(request, 'baremetal:node:bios:get', async ({ bios }, node) => ({
      node,
      all: has(node.bios_interface) ? await bios.settings() : [],
    }));
  }

  return {
    async bios(request: Request): Promise<Answer> {
      const names = biosFields(request);
      const { node, all } = await settings(request);
      const shown = all.map((one) => {
        const document = settingDocument(request, node, one);
        return Object.fromEntries(names.map((name) => [name, document[name]]));
      });
      return json({ bios: shown });
    },
    async biosSetting(request: Request): Promise<Answer> {
      const name = request.params.setting ?? '';
      const { node, all } = await settings(request);
      const found = all.find((one) => one.name.toLowerCase() === name.toLowerCase());
      if (!found) throw errors.BiosSettingNotFound(node.uuid, name);
      const document = settingDocument(request, node, found);
      if (!atLeast(request.context.microversion, '1.74')) for (const field of registryFields) delete document[field];
      return json({ [found.name]: document });
    },

    async firmware(request: Request): Promise<Answer> {
      const { node, found } = await ask(request, 'baremetal:node:firmware:get', async ({ firmware }, node) => ({
        node,
        found: has(node.firmware_interface) ? await firmware.components() : [],
      }));
      const rows = await Promise.all(found.map((one) => keepVersion(parts, node, one.component, one.version)));
      const shown = rows.map(({ created_at: created, updated_at: updated, ...versions }) => ({
        created_at: time(created),
        updated_at: time(updated),
        ...versions,
        vendor: null,
        model: null,
        serial_number: null,
      }));
      return json({ firmware: shown });
    },

    async components(request: Request): Promise<Answer> {
      const { node, found } = await indicators(request);
      const context = renderContext(request, parts.host);
      const names = [...new Set(found.map(({ component }) => component))];
      const shown = names.map((name) => ({
        name,
        links: links(context, `nodes/${node.uuid}/management/indicators/${name}`),
      }));
      return json({ components: shown });
    },
    async indicatorsOf(request: Request): Promise<Answer> {
      const { node, found } = await indicators(request);
      const context = renderContext(request, parts.host);
      const component = request.params.component ?? '';
      if (component.includes('@')) return stateOf(request);
      const own = found.filter((one) => one.component === component);
      if (own.length === 0) throw errors.IndicatorNotFound(node.uuid, component);
      const shown = own.map(({ id, states }) => ({
        name: id,
        readonly: states.length < 2,
        states,
        links: links(context, `nodes/${node.uuid}/management/indicators/${component}/${id}`),
      }));
      return json({ indicators: shown });
    },
    indicator: stateOf,
    async setIndicator(request: Request<Static<typeof indicatorSchema>>): Promise<Answer> {
      const { component, indicator } = indicatorOf(request);
      const state = indicatorStates.find((one) => one === request.body.state.toUpperCase());
      await ask(request, 'baremetal:node:set_indicator_state', async (machine, node) => {
        const { states } = known(node, await machine.indicators.list(), component, indicator);
        if (state === undefined || !states.includes(state))
          throw errors.Invalid(`Invalid indicator state ${request.body.state}: it is one of ${states.join(', ')}.`);
        await machine.indicators.set(component, indicator, state);
      });
      return empty(204);
    },

    async vendorMethods(request: Request): Promise<Answer> {
      const methods = await ask(request, 'baremetal:node:vendor_passthru', async (_machine, node) =>
        vendorMethodsOf(node.vendor_interface),
      );
      const shown = Object.entries(methods).map(([name, { run: _run, ...method }]) => [
        name,
        { ...method, attach: false },
      ]);
      return json(Object.fromEntries(shown));
    },
    async vendorPassthru(request: Request): Promise<Answer> {
      const name = request.params.method ?? request.search.get('method');
      if (!name) throw errors.Invalid('Method not specified when calling vendor extension.');
      const method = request.raw.method ?? '';
      return ask(request, 'baremetal:node:vendor_passthru', async (machine, node) => {
        const known = vendorMethodsOf(node.vendor_interface)[name];
        if (!known) throw errors.UnsupportedInterface(node.driver, `vendor method ${name}`);
        if (!known.http_methods.includes(method))
          throw errors.Invalid(
            `The vendor method ${name} is called with ${known.http_methods.join(', ')}, not ${method}.`,
          );
        if (known.require_exclusive_lock && node.reservation !== null)
          throw errors.NodeLocked(node.uuid, node.reservation);
        const { body } = request;
        const result = await known.run(machine, typeof body === 'object' && body !== null ? { ...body } : {});
        if (known.async) return empty(202);
        return result === undefined ? empty(204) : json(result);
      });
    },

    async media(request: Request): Promise<Answer> {
      const image = await ask(request, 'baremetal:node:vmedia:get', ({ virtualMedia }) => virtualMedia.inserted());
      return json([{ image, inserted: image !== null, media_types: ['CD', 'DVD'] }]);
    },
    async attachMedia(request: Request<Static<typeof mediaSchema>>): Promise<Answer> {
      const { device_type: device, image_url: url } = request.body;
      await ask(request, 'baremetal:node:vmedia:attach', async ({ virtualMedia }, node) => {
        if (node.reservation !== null) throw errors.NodeLocked(node.uuid, node.reservation);
        if (device.toLowerCase() !== 'cdrom') throw noSuchDrive(device);
        await virtualMedia.insert(url);
      });
      return empty(204);
    },
    async detachMedia(request: Request): Promise<Answer> {
      const devices = request.search.getAll('device_types').flatMap((text) => text.toLowerCase().split(','));
      const unknown = devices.find((device) => !mediaDevices.includes(device));
      if (unknown !== undefined)
        throw errors.Invalid(`Invalid device type ${unknown}: it is one of ${mediaDevices.join(', ')}.`);
      await ask(request, 'baremetal:node:vmedia:detach', async ({ virtualMedia }, node) => {
        if (node.reservation !== null) throw errors.NodeLocked(node.uuid, node.reservation);
        if (devices.length === 0 || devices.includes('cdrom')) await virtualMedia.eject();
      });
      return empty(204);
    },
  };

  async function stateOf(request: Request): Promise<Answer> {
    const { component, indicator } = indicatorOf(request);
    const state = await ask(request, 'baremetal:node:get_indicator_state', async (machine, node) => {
      known(node, await machine.indicators.list(), component, indicator);
      return machine.indicators.state(component, indicator);
    });
    return json({ state });
  }

  function indicators(request: Request): Promise<{ node: NodeRow; found: readonly Indicator[] }> {
    return ask(request, 'baremetal:node:get_indicator_state', async (machine, node) => ({
      node,
      found: await machine.indicators.list(),
    }));
  }
}

/** The path names it as INDICATOR@COMPONENT, or as COMPONENT/INDICATOR. */
function indicatorOf({ params }: Pick<Request, 'params'>): { component: string; indicator: string } {
  const { component = '', indicator = '' } = params;
  if (indicator !== '') return { component, indicator };
  const at = component.lastIndexOf('@');
  return { component: component.slice(at + 1), indicator: component.slice(0, Math.max(at, 0)) };
}

function has(chosen: string | null): boolean {
  return chosen !== null && !chosen.startsWith('no-');
}

function noSuchDrive(device: string): HardwareError {
  return new HardwareError('unsupported', `The machine has no virtual ${device.toLowerCase()} drive.`, {
    hint: 'Attach the image as a cdrom.',
  });
}

function known(node: NodeRow, all: readonly Indicator[], component: string, id: string): Indicator {
  const found = all.find((one) => one.component === component && one.id === id);
  if (!found) throw errors.IndicatorNotFound(node.uuid, `${component}/${id}`);
  return found;
}

/** The fields that the query asks for; by default the first five. */
function biosFields({ search, context }: Request): string[] {
  const detail = flag(search, 'detail');
  const asked = search.getAll('fields').flatMap((text) => text.split(','));
  if ((detail !== undefined || asked.length > 0) && !atLeast(context.microversion, '1.74'))
    throw errors.Invalid('Invalid query parameter: fields and detail need microversion 1.74 or newer.');
  if (detail === true && asked.length > 0) throw errors.Invalid("Can't fetch a subset of fields with 'detail' set");
  const unknown = asked.filter((name) => !settingFields.includes(name));
  if (unknown.length > 0) throw errors.Invalid(`Field(s) "${unknown.join(', ')}" are not valid.`);
  if (asked.length > 0) return asked;
  return detail === true ? settingFields : settingFields.slice(0, 5);
}

/** Remembers the first version that was found of a component, and the one that came after it. */
async function keepVersion(parts: Parts, node: NodeRow, component: string, version: string) {
  const table = tables(parts.database);
  const row = await table
    .insertInto('baremetal_firmware')
    .values({ node_uuid: node.uuid, component, initial_version: version, current_version: version })
    .onConflict((conflict) =>
      conflict
        .columns(['node_uuid', 'component'])
        .doUpdateSet({ current_version: version, last_version_flashed: version, updated_at: sql`now()` })
        .where('baremetal_firmware.current_version', 'is distinct from', version),
    )
    .returning(['component', 'initial_version', 'current_version', 'last_version_flashed', 'created_at', 'updated_at'])
    .executeTakeFirst();
  if (row) return row;
  return table
    .selectFrom('baremetal_firmware')
    .select(['component', 'initial_version', 'current_version', 'last_version_flashed', 'created_at', 'updated_at'])
    .where('node_uuid', '=', node.uuid)
    .where('component', '=', component)
    .executeTakeFirstOrThrow();
}
