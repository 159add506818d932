// What a Redfish chassis measures: the Thermal and Power resources that all services of today have.
import type { Sensor } from '../capabilities.ts';
import { member, numberOf, type Resource, resource, textOf } from './resource.ts';
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
      const entries = sources.get(source)?.[list];
      for (const entry of (Array.isArray(entries) ? entries : []).map(resource)) {
        found.push(sensorOf(entry, kind, members, unit));
      }
    }
  }
  return found;
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
