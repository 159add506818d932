// Sensors in the text that Prometheus reads.
import { expect, test } from 'vitest';
import { sensorLines } from './metrics.ts';

test('a sensor is a series with its machine, its value and its health', () => {
  const sensors = [
    { kind: 'Temperature', name: 'CPU "1"', value: 46.5, unit: 'Cel', health: 'warning' },
    { kind: 'Fan', name: 'Fan 1', value: null, unit: 'RPM', health: null },
  ] as const;
  const text = sensorLines([{ node: 'u', name: 'n', sensors, at: 1_500 }]);
  const labels = '{node="u",name="n",kind="Temperature",sensor="CPU \\"1\\"",unit="Cel"}';
  expect(text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))).toEqual([
    `undercloud_sensor${labels} 46.5`,
    `undercloud_sensor_health${labels} 1`,
    'undercloud_sensors_read_timestamp_seconds{node="u",name="n"} 1.5',
  ]);
});
