// Sensors are read with the power, kept for the metrics, and told of when their health changes.
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  createFakeHardware,
  type HardwareDriver,
  HardwareError,
  type Machine,
  type Sensor,
} from '../hardware/index.ts';
import { findNode } from './node/find.ts';
import { defaultConfig } from './parts.ts';
import { createSensorReadings, healthChanges } from './sensors.ts';
import { startTestBaremetal, type TestBaremetal } from './testing/index.ts';

let bm: TestBaremetal;
let reading: Sensor = { kind: 'Temperature', name: 'CPU', value: 46, unit: 'Cel', health: 'ok' };
const fake = createFakeHardware();
const metal: HardwareDriver = {
  ...fake,
  name: 'metal',
  machine: (info) => ({
    ...fake.machine(info),
    async sensors() {
      if (info.fake_id === 'blind') throw new HardwareError('unsupported', 'no sensors');
      return [reading];
    },
  }),
};

beforeAll(async () => {
  bm = await startTestBaremetal({ hardware: [metal], config: { powerSyncMs: 50, sensorSyncMs: 50 } });
  await bm.baremetal.start();
  for (const name of ['seeing', 'blind']) {
    await bm.http.post('/v1/nodes', { name, driver: 'metal', driver_info: { fake_id: name } });
    await bm.provision(name, 'manage', 'manageable');
  }
});
afterAll(() => bm.stop());

test('what a machine measures is there, and one without sensors is left out without a fault', async () => {
  await expect.poll(() => bm.baremetal.sensors()).toMatchObject([{ name: 'seeing', sensors: [reading] }]);
  expect((await bm.http.get('/v1/nodes/blind')).json.fault).toBeNull();
});

test('a change of health is an event, once', async () => {
  reading = { ...reading, value: 99, health: 'critical' };
  const told = async () =>
    (await bm.events('seeing')).rows.filter((kind) => kind === 'baremetal.node.sensor_health').length;
  await expect.poll(told).toBe(1);
  reading = { ...reading, value: 98 };
  await expect.poll(() => bm.baremetal.sensors()[0]?.sensors[0]?.value).toBe(98);
  expect(await told()).toBe(1);
});

test('what was read of a machine is forgotten with its node', async () => {
  expect(bm.baremetal.sensors()).toMatchObject([{ name: 'seeing' }]);
  expect((await bm.http.delete('/v1/nodes/seeing')).status).toBe(204);
  expect(bm.baremetal.sensors()).toEqual([]);
});

test('a reading that is under way while the node goes is not kept', async () => {
  await bm.http.post('/v1/nodes', { name: 'going', driver: 'metal' });
  const node = await findNode(bm.database, 'going');
  const readings = createSensorReadings({ database: bm.database, config: { ...defaultConfig, sensorSyncMs: 60_000 } });
  const machine: Machine = Object({
    async sensors() {
      readings.forget(node.uuid);
      return [{ kind: 'Fan', name: '1', value: 0, unit: 'RPM', health: 'ok' }];
    },
  });
  await readings.read(node, machine, new AbortController().signal);
  expect(readings.all()).toEqual([]);
});

test('a sensor seen for the first time counts as well before', () => {
  const bad: Sensor = { kind: 'Fan', name: '1', value: 0, unit: 'RPM', health: 'critical' };
  expect(healthChanges([], [bad])).toEqual([{ kind: 'Fan', name: '1', from: 'ok', to: 'critical' }]);
  expect(healthChanges([bad], [bad])).toEqual([]);
  expect(healthChanges([bad], [{ ...bad, health: 'ok' }])).toMatchObject([{ from: 'critical', to: 'ok' }]);
  expect(healthChanges([bad], [{ ...bad, health: null }])).toEqual([]);
});
