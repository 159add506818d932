// Sensors of the IPMI face: the readings of the Redfish face that do not depend on the power.

export interface IpmiSensor {
  readonly name: string;
  /** Sensor type code (IPMI 2.0, table 42-3). */
  readonly type: number;
  /** Unit type code (table 43-15). */
  readonly unit: number;
  /** What the sensor is of (table 43-13). */
  readonly entity: number;
  readonly raw: number;
  /** The reading is raw times ten to this. */
  readonly exponent: number;
}

export const sensors: readonly IpmiSensor[] = [
  { name: 'Inlet', type: 1, unit: 1, entity: 0x40, raw: 22, exponent: 0 },
  { name: '12V', type: 2, unit: 4, entity: 0x14, raw: 121, exponent: -1 },
];

/** A full sensor record (IPMI 2.0, table 43-1) without thresholds and hysteresis. */
export function sensorRecord(number: number, sensor: IpmiSensor): Uint8Array {
  const name = Buffer.from(sensor.name, 'latin1');
  const record = Buffer.alloc(48 + name.length);
  record.set([0, 0, 0x51, 1, record.length - 5]);
  // Owner, LUN, number; then entity and its instance; initialised with events and scanning on; re-arms itself.
  record.set([0x20, 0, number, sensor.entity, 1, 0x7f, 0x40, sensor.type, 1], 5);
  // After three masks of nothing: units, linear, factor 1.
  record.set([0, sensor.unit, 0, 0, 1], 20);
  record[29] = (sensor.exponent & 0xf) << 4;
  record[34] = 0xff;
  record[47] = 0xc0 | name.length;
  record.set(name, 48);
  return record;
}
