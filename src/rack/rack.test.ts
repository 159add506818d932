// A whole rack of simulated machines: opened, steered over its control API, opened again.
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { askDown, askFault, askStatus, type ControlServer, serveControl } from './control.ts';
import { rackFolder, writeJson } from './folder.ts';
import { Rack } from './rack.ts';
import { defaultRackOptions, rackSpec } from './spec.ts';
import { at, send } from './testing/bmc-client.ts';

const closers: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

function freshFolder(machines: number): ReturnType<typeof rackFolder> {
  const data = mkdtempSync(join(tmpdir(), 'rack-whole-'));
  closers.push(() => rmSync(data, { recursive: true, force: true }));
  const folder = rackFolder(data);
  const delays = { powerOnMs: 0, powerOffMs: 0 };
  writeJson(folder.spec, rackSpec({ ...defaultRackOptions, name: 'test0', kind: 'simulated', machines, delays }));
  return folder;
}

async function open(folder: ReturnType<typeof rackFolder>): Promise<Rack> {
  const rack = await Rack.open({ folder, now: () => new Date(), report: (_, error) => expect.fail(String(error)) });
  closers.push(() => rack.close());
  return rack;
}

async function control(rack: Rack, path: string, down = (): void => undefined): Promise<ControlServer> {
  const server = await serveControl(rack, path, down);
  closers.push(() => server.close());
  return server;
}

async function redfish(node: unknown, method: string, path: string, body?: unknown): Promise<unknown> {
  const info = at(node, 'driver_info');
  const credentials = `${String(at(info, 'redfish_username'))}:${String(at(info, 'redfish_password'))}`;
  const url = `${String(at(info, 'redfish_address'))}${String(at(info, 'redfish_system_id'))}${path}`;
  return (await send(method, url, { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` }, body))
    .body;
}

test('the nodes file leads a client to every BMC', async () => {
  const folder = freshFolder(3);
  const rack = await open(folder);
  const nodes = at(JSON.parse(readFileSync(folder.nodes, 'utf8')), 'nodes');
  for (const [index, machine] of rack.spec.machines.entries()) {
    expect(at(await redfish(at(nodes, index), 'GET', ''), 'UUID')).toBe(machine.uuid);
    expect(at(nodes, index, 'ports', 0, 'address')).toBe(machine.nics[0]?.mac);
  }
  const env = JSON.parse(readFileSync(folder.instackenv, 'utf8'));
  expect(at(env, 'nodes', 2, 'pm_password')).toBe(at(nodes, 2, 'driver_info', 'redfish_password'));
  expect(statSync(folder.nodes).mode & 0o777).toBe(0o600);
});

test('the control API tells the status, sets faults and says why it refuses', async () => {
  const folder = freshFolder(2);
  const rack = await open(folder);
  expect(await askStatus(folder.control)).toBeUndefined();
  let told = false;
  await control(rack, folder.control, () => {
    told = true;
  });
  expect((await askStatus(folder.control))?.machines.map((machine) => machine.name)).toEqual(['test0-1', 'test0-2']);
  expect((await askFault(folder.control, 'test0-2', 'bmc-slow', '5'))?.faults).toEqual({ 'bmc-slow': 5 });
  expect((await askStatus(folder.control))?.machines[0]?.faults).toEqual({});
  await expect(askFault(folder.control, 'nobody', 'bmc-slow', '5')).rejects.toThrow('no machine is named nobody');
  await expect(askFault(folder.control, 'test0-1', 'nonsense', undefined)).rejects.toThrow(
    'no fault is named nonsense',
  );
  expect(await askDown(folder.control)).toBe(true);
  expect(told).toBe(true);
});

test('a rack opened again has the same BMCs, their settings and their machines’ power', async () => {
  const folder = freshFolder(1);
  const first = await Rack.open({ folder, now: () => new Date(), report: (_, error) => expect.fail(String(error)) });
  const node = at(JSON.parse(readFileSync(folder.nodes, 'utf8')), 'nodes', 0);
  await redfish(node, 'POST', '/Actions/ComputerSystem.Reset', { ResetType: 'On' });
  await redfish(node, 'PATCH', '', {
    Boot: { BootSourceOverrideTarget: 'Pxe', BootSourceOverrideEnabled: 'Continuous' },
  });
  await first.setFault('test0-1', 'link-down', undefined);
  await first.abandon();
  await open(folder);
  const system = await redfish(node, 'GET', '');
  expect(at(system, 'PowerState')).toBe('On');
  expect(at(system, 'Boot', 'BootSourceOverrideTarget')).toBe('Pxe');
  expect(at(await redfish(node, 'GET', '/EthernetInterfaces/NIC1'), 'LinkStatus')).toBe('LinkDown');
});
