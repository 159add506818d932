// BIOS settings of a Redfish system: reading them with their registry, changing them for the next boot.
import type { Bios, BiosSetting, StepOutcome } from '../capabilities.ts';
import { HardwareError } from '../contract.ts';
import { lastSegment, member, numberOf, type Resource, references, resource, textOf, textsOf } from './resource.ts';
import { action, type SystemAccess } from './system.ts';
import { done, type StepCall, waiting } from './tasks.ts';

export interface WantedSetting {
  readonly name: string;
  readonly value: unknown;
}

export interface RedfishBios extends Bios {
  apply(wanted: readonly WantedSetting[], call: StepCall): Promise<StepOutcome>;
  factoryReset(call: StepCall): Promise<StepOutcome>;
}

/** Looks at the settings after the restart, with half a minute between; firmware reports them late. */
const patience = { looks: 10, afterMs: 30_000 };

export function redfishBios(system: SystemAccess): RedfishBios {
  async function read(): Promise<{ path: string; bios: Resource; attributes: Resource }> {
    const path = textOf(member(await system.read(), 'Bios'), '@odata.id');
    if (path === null) throw new HardwareError('unsupported', 'This BMC does not show BIOS settings.');
    const bios = await system.client.get(path);
    return { path, bios, attributes: member(bios, 'Attributes') };
  }

  /** Attributes of the registry that the BIOS names (DSP8010, AttributeRegistry), by name. */
  async function registry(bios: Resource): Promise<ReadonlyMap<string, Resource>> {
    const named = textOf(bios, 'AttributeRegistry');
    const root = textOf(member(await system.client.get('/redfish/v1'), 'Registries'), '@odata.id');
    if (named === null || root === null) return new Map();
    const path = references(await system.client.get(root)).find((one) => lastSegment(one).startsWith(named));
    if (path === undefined) return new Map();
    const { Location } = await system.client.get(path);
    const places = (Array.isArray(Location) ? Location : []).map(resource);
    const place = places.find((one) => /^(en|default)/i.test(textOf(one, 'Language') ?? 'en'));
    const uri = place && textOf(place, 'Uri');
    if (!uri) return new Map();
    const list = member(await system.client.get(uri), 'RegistryEntries').Attributes;
    return new Map(
      (Array.isArray(list) ? list : []).map(resource).map((one) => [textOf(one, 'AttributeName') ?? '', one]),
    );
  }

  return {
    async settings() {
      const { bios, attributes } = await read();
      const known = await registry(bios);
      return Object.entries(attributes).map(([name, value]) => settingOf(name, value, known.get(name)));
    },

    async apply(wanted, { memory, again = false }) {
      const { path, bios, attributes } = await read();
      const missing = differences(attributes, wanted);
      if (missing.length === 0) return done;
      const looks = Number(memory?.looks ?? 0);
      if (memory !== undefined) {
        if (looks < patience.looks)
          return waiting('the BIOS takes the settings over', { looks: looks + 1 }, { afterMs: patience.afterMs });
        throw new HardwareError(
          'refused',
          `The BIOS has not taken ${missing.map(({ name }) => name).join(', ')} over at its restart: ${messagesOf(bios)}`,
        );
      }
      const unknown = missing.find(({ name }) => !(name in attributes));
      if (unknown) throw new HardwareError('misconfigured', `This BIOS has no setting ${unknown.name}.`);
      const restart = waiting(
        'the machine restarts with the new BIOS settings',
        { looks: 0 },
        { afterMs: 0, reboot: true },
      );
      const target = settingsObject(bios) ?? path;
      // Some refuse a second request while the first waits for the restart: one that was cut off is found there.
      if (again && target !== path) {
        const pending = member(await system.client.get(target), 'Attributes');
        if (differences(pending, missing).length === 0) return restart;
      }
      // Dell's keeps the settings and never applies them unless it is told when.
      const times = textsOf(member(bios, '@Redfish.Settings'), 'SupportedApplyTimes');
      await system.client.patch(target, {
        Attributes: Object.fromEntries(missing.map(({ name, value }) => [name, value])),
        ...(times.includes('OnReset') ? { '@Redfish.SettingsApplyTime': { ApplyTime: 'OnReset' } } : {}),
      });
      return restart;
    },

    async factoryReset({ memory, again = false }) {
      if (memory !== undefined) return done;
      const { path, bios, attributes } = await read();
      const restart = waiting(
        'the machine restarts with its BIOS as from the factory',
        { asked: true },
        { afterMs: 0, reboot: true },
      );
      // One that was cut off is found among the settings that wait for the restart, where the BMC shows it there.
      const target = settingsObject(bios);
      if (again && target !== null) {
        const pending = member(await system.client.get(target), 'Attributes');
        if (Object.entries(pending).some(([name, value]) => attributes[name] !== value)) return restart;
      }
      await system.client.post(action(bios, 'Bios.ResetBios', '', path).target, {});
      return restart;
    },
  };
}

/** Where settings wait for the next restart (DSP0266, settings resource). */
function settingsObject(bios: Resource): string | null {
  return textOf(member(member(bios, '@Redfish.Settings'), 'SettingsObject'), '@odata.id');
}

/** The settings that are not so yet, each value of the type that the BIOS has for it. */
function differences(attributes: Resource, wanted: readonly WantedSetting[]): WantedSetting[] {
  return wanted
    .map(({ name, value }) => ({ name, value: likeOf(attributes[name], value) }))
    .filter(({ name, value }) => attributes[name] !== value);
}

/** Ironic's clients send text for everything. */
function likeOf(present: unknown, value: unknown): unknown {
  if (typeof present === 'number' && typeof value === 'string' && value.trim() !== '') return Number(value);
  if (typeof present === 'boolean' && typeof value === 'string') return /^(true|1|yes|on)$/i.test(value);
  if (typeof present === 'string' && (typeof value === 'number' || typeof value === 'boolean')) return String(value);
  return value;
}

function messagesOf(bios: Resource): string {
  const { Messages } = member(bios, '@Redfish.Settings');
  const texts = (Array.isArray(Messages) ? Messages : []).flatMap(
    (one: unknown) => textOf(resource(one), 'Message') ?? [],
  );
  return texts.length > 0 ? texts.join(' ') : 'the BMC says no more.';
}

const types = ['Enumeration', 'String', 'Integer', 'Boolean', 'Password'] as const;

function settingOf(name: string, value: unknown, entry: Resource = {}): BiosSetting {
  const flag = (key: string) => (typeof entry[key] === 'boolean' ? entry[key] : null);
  const values = Array.isArray(entry.Value)
    ? entry.Value.flatMap((one) => textOf(resource(one), 'ValueName') ?? [])
    : [];
  return {
    name,
    value: value === null || value === undefined ? null : String(value),
    attribute_type: types.find((type) => type === entry.Type) ?? null,
    allowable_values: values.length > 0 ? values : null,
    lower_bound: numberOf(entry, 'LowerBound'),
    upper_bound: numberOf(entry, 'UpperBound'),
    min_length: numberOf(entry, 'MinLength'),
    max_length: numberOf(entry, 'MaxLength'),
    read_only: flag('ReadOnly'),
    reset_required: flag('ResetRequired'),
    unique: flag('IsSystemUniqueProperty'),
  };
}
