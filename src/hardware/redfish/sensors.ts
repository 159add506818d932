// What a Redfish chassis measures: the Thermal and Power resources, or the Sensors that take their place in newer services.
import type { Sensor } from '../capabilities.ts';
import { member, numberOf, type Resource, references, resources, textOf } from './resource.ts';
import type { SystemAccess } from './system.ts';

/** Member of Thermal or Power -> kind, members with the reading, unit. */
const readings = [
  ['Thermal', 'Temperatures', 'Temperature', ['ReadingCelsius'], 'Cel'],
  ['Thermal', 'Fans', 'Fan', ['Reading', 'ReadingRPM'], 'RPM'],
  ['Power', 'Voltages', 'Voltage', ['ReadingVolts'], 'V'],
  ['Power', 'PowerControl', 'Power', ['PowerConsumedWatts'], 'W'],
  ['Power', 'PowerSupplies', 'Power', ['LastPowerOutputWatts', 'PowerOutputWatts'], 'W'],
] as const;

const healths: Readonly<Record<string, Sensor['health']>> = { OK: 'ok', Warning: 'warning', Critical: 'critical' };

/** Two calls for each chassis, so that thousands of machines can be asked every minute. */
export async function redfishSensors(system: SystemAccess): Promise<Sensor[]> {
  const found: Sensor[] = [];
  for (const path of await system.chassis()) {
    const chassis = await system.client.get(path);
    const sources = new Map<string, Resource>();
    for (const name of ['Thermal', 'Power']) {
      const at = textOf(member(chassis, name), '@odata.id');
      if (at !== null) sources.set(name, await system.client.get(at));
    }
    for (const [source, list, kind, members, unit] of readings) {
      for (const entry of resources(sources.get(source)?.[list])) found.push(sensorOf(entry, kind, members, unit));
    }
    if (sources.size === 0) found.push(...(await newerSensors(system, chassis)));
  }
  return found;
}

/** ReadingType of a Sensor -> kind; its ReadingUnits are those of the contract (DSP0268, Sensor). */
const readingTypes: Readonly<Record<string, string>> = {
  Temperature: 'Temperature',
  Rotational: 'Fan',
  Voltage: 'Voltage',
  Current: 'Current',
  Power: 'Power',
};

async function newerSensors(system: SystemAccess, chassis: Resource): Promise<Sensor[]> {
  const path = textOf(member(chassis, 'Sensors'), '@odata.id');
  if (path === null) return [];
  const entries = await Promise.all(references(await system.client.get(path)).map((one) => system.client.get(one)));
  return entries.flatMap((entry) => {
    const kind = readingTypes[textOf(entry, 'ReadingType') ?? ''];
    return kind === undefined ? [] : [sensorOf(entry, kind, ['Reading'], textOf(entry, 'ReadingUnits') ?? '')];
  });
}

function sensorOf(entry: Resource, kind: string, members: readonly string[], unit: string): Sensor {
  const value = members.map((name) => numberOf(entry, name)).find((one) => one !== null) ?? null;
  return {
    kind,
    name: textOf(entry, 'Name') ?? textOf(entry, 'FanName') ?? textOf(entry, 'MemberId') ?? kind,
    value,
    unit: textOf(entry, 'ReadingUnits') === 'Percent' ? '%' : unit,
    health: healths[textOf(member(entry, 'Status'), 'Health') ?? ''] ?? null,
  };
}
