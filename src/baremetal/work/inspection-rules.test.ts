// Inspection rules at work: on ports, on outside services, from the configuration.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { builtInRules } from '../inspection-rule/built-in.ts';
import { startTestBaremetal, type TestBaremetal } from '../testing/index.ts';

const newest = { 'x-openstack-ironic-api-version': '1.96' };
const heard: unknown[] = [];
let answer = 200;
const service = createServer((request, response) => {
  heard.push([request.method, request.url, request.headers['x-key']]);
  response.statusCode = answer;
  response.end('ok');
});
let bm: TestBaremetal;
let url: string;

beforeAll(async () => {
  await new Promise<void>((listening) => service.listen(0, '127.0.0.1', listening));
  const { port }: Partial<AddressInfo> = Object(service.address());
  url = `http://127.0.0.1:${port}`;
  const rules = builtInRules([
    {
      name: 'first',
      priority: 20_000,
      actions: [{ op: 'set-attribute', args: { path: 'extra.order', value: ['built in'] } }],
    },
  ]);
  bm = await startTestBaremetal({ config: { builtInRules: rules } });
  const node = (await bm.http.post('/v1/nodes', { name: 'n', driver: 'fake-hardware' })).json.uuid;
  await bm.http.post('/v1/ports', { node_uuid: node, address: '52:54:00:00:00:01', extra: { seen: 1 } });
  await bm.provision('n', 'manage', 'manageable');
}, 60_000);
afterAll(async () => {
  await bm?.stop();
  service.close();
});

async function inspectWith(actions: readonly object[]): Promise<Record<string, unknown>> {
  await bm.http.delete('/v1/inspection_rules', newest);
  expect(await bm.http.post('/v1/inspection_rules', { actions }, newest)).toMatchObject({ status: 201 });
  await bm.http.put('/v1/nodes/n/states/provision', { target: 'inspect' });
  return bm.until('n', ({ provision_state: state }) => state === 'manageable' || state === 'inspect failed');
}
const onPort = (op: string, args: object) => ({ op, args: { port_id: '52:54:00:00:00:01', ...args } });

test('a rule changes a port, after the rules of the configuration, and tells an outside service', async () => {
  const headers = { 'x-key': 'secret-of-the-cmdb' };
  const end = await inspectWith([
    { op: 'extend-attribute', args: { path: 'extra.order', value: 'own' } },
    onPort('set-port-attribute', { path: 'physical_network', value: 'rack-{node.driver}' }),
    onPort('del-port-attribute', { path: 'extra/seen' }),
    { op: 'api-call', args: { url: `${url}/seen/{node.uuid}?token=t`, method: 'POST', headers } },
  ]);
  expect(end).toMatchObject({ provision_state: 'manageable', extra: { order: ['built in', 'own'] } });
  const [port] = (await bm.http.get('/v1/ports/detail')).json.ports;
  expect(port).toMatchObject({ physical_network: 'rack-fake-hardware', extra: {} });
  expect(heard).toEqual([['POST', `/seen/${String(end.uuid)}?token=t`, 'secret-of-the-cmdb']]);
});

test('an outside service that refuses ends the inspection, without a word of what may be secret', async () => {
  answer = 503;
  const headers = { 'x-key': 'secret-of-the-cmdb' };
  const end = await inspectWith([{ op: 'call-api-hook', args: { url: `${url}/seen?token=secret-too`, headers } }]);
  expect(end).toMatchObject({
    provision_state: 'inspect failed',
    last_error: expect.stringContaining(`${url}/seen, which failed: it answered 503`),
  });
  expect(end.last_error).not.toContain('secret');
  await bm.provision('n', 'manage', 'manageable');
});

test('a port gets nothing that a port does not take', async () => {
  const end = await inspectWith([onPort('set-port-attribute', { path: 'pxe_enabled', value: ['often'] })]);
  expect(end).toMatchObject({ provision_state: 'inspect failed', last_error: expect.stringContaining('pxe_enabled') });
});

test('a rule of the configuration that is none is refused with its reason', () => {
  expect(() => builtInRules([{ name: 'x', actions: [{ op: 'explode', args: {} }] }])).toThrow(/no action "explode"/);
  expect(() => builtInRules({ name: 'x' })).toThrow(/built-in inspection rules/);
});
