// Reads ipmitool's list of sensors.
import type { Sensor } from '../capabilities.ts';

/** ipmitool's unit -> kind and unit of the contract. */
const units: Readonly<Record<string, readonly [kind: string, unit: string]>> = {
  'degrees C': ['Temperature', 'Cel'],
  RPM: ['Fan', 'RPM'],
  Volts: ['Voltage', 'V'],
  Amps: ['Current', 'A'],
  Watts: ['Power', 'W'],
};

/** Two letters of `sdr` for how a reading stands to its thresholds: ns, no reading, is neither. */
const health: Readonly<Record<string, Sensor['health']>> = {
  ok: 'ok',
  nc: 'warning',
  lnc: 'warning',
  unc: 'warning',
  cr: 'critical',
  lcr: 'critical',
  ucr: 'critical',
  nr: 'critical',
  lnr: 'critical',
  unr: 'critical',
};

/** Parses `ipmitool -c sdr list full`: lines of name, value, unit, status. Sensors of other units are left out. */
export function parseSensors(text: string): Sensor[] {
  return text.split('\n').flatMap((line) => {
    const [name, value = '', unit = '', status = ''] = line.trim().split(',');
    const known = units[unit];
    if (!name || !known) return [];
    const number = value === '' ? Number.NaN : Number(value);
    return [
      {
        kind: known[0],
        name,
        value: Number.isFinite(number) ? number : null,
        unit: known[1],
        health: health[status] ?? null,
      },
    ];
  });
}
