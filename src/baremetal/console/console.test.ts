// Consoles through the API, on a BMC that OpenIPMI's ipmi_sim plays.
import { connect, createServer, type Socket } from 'node:net';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createFakeHardware, createIpmi, createRedfish } from '../../hardware/index.ts';
import { type TestBmc, testBmc } from '../../rack/testing/bmc-client.ts';
import { hasIpmiTools, type TestIpmiBmc, testIpmiBmc } from '../../rack/testing/ipmi-bmc.ts';
import { startTestBaremetal, type TestBaremetal } from '../testing/index.ts';

/** Ports of this process's own: another run may be under way on this host. */
const base = 20_000 + (process.pid % 500) * 20;
const [firstPort, lastPort] = [base, base + 2];

let bm: TestBaremetal;
let bmc: TestIpmiBmc | undefined;
const sockets: Socket[] = [];

beforeAll(async () => {
  if (hasIpmiTools) bmc = await testIpmiBmc();
  bm = await startTestBaremetal({
    hardware: [createIpmi(), createRedfish(), createFakeHardware()],
    config: { console: { address: '127.0.0.1', firstPort, lastPort, idleMs: 60_000 } },
  });
}, 60_000);
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});
afterAll(async () => {
  await bm?.stop();
  await bmc?.close();
});

const path = (node: string) => `/v1/nodes/${node}/states/console`;
const enable = (node: string, enabled: boolean) => bm.http.put(path(node), { enabled });

async function ipmiNode(name: string, info: object = {}): Promise<void> {
  const reach = { ipmi_address: '127.0.0.1', ipmi_port: bmc?.port ?? 1, ipmi_cipher_suite: 3 };
  const login = { ipmi_username: bmc?.username ?? 'admin', ipmi_password: bmc?.password ?? 'none' };
  const body = {
    name,
    driver: 'ipmi',
    console_interface: 'ipmitool-socat',
    driver_info: { ...reach, ...login, ...info },
  };
  expect(await bm.http.post('/v1/nodes', body)).toMatchObject({ status: 201 });
}

async function redfishNode(name: string, { bmc: { spec }, server }: TestBmc, info: object = {}): Promise<void> {
  const login = { redfish_username: spec.bmc.username, redfish_password: spec.bmc.password };
  const driver_info = { redfish_address: server.url, ...login, ...info };
  const body = { name, driver: 'redfish', console_interface: 'ipmitool-socat', driver_info };
  expect(await bm.http.post('/v1/nodes', body)).toMatchObject({ status: 201 });
}

/** A client of the console; what it has seen so far. */
function client(port: number): { socket: Socket; seen: () => string } {
  const socket = connect(port, '127.0.0.1');
  sockets.push(socket);
  let text = '';
  socket.setEncoding('latin1').on('data', (more: string) => {
    text += more;
  });
  socket.on('error', (error) => {
    text += String(error);
  });
  return { socket, seen: () => text };
}

/** What a new client is told within two seconds. */
async function said(port: number): Promise<string> {
  const { socket, seen } = client(port);
  await new Promise((wake) => setTimeout(wake, 2_000));
  socket.destroy();
  return seen();
}

describe('consoles', () => {
  test('a node has its console where driver_info says, and none before it is switched on', async () => {
    await ipmiNode('named', { ipmi_terminal_port: base + 10 });
    const off = { console_enabled: false, console_info: null };
    expect(await bm.http.get(path('named'))).toMatchObject({ status: 200, json: off });
    const on = await enable('named', true);
    expect(on.status).toBe(202);
    expect(on.headers.get('location')).toMatch(/\/v1\/nodes\/named\/states\/console$/);
    const shown = { console_enabled: true, console_info: { type: 'socat', url: `tcp://127.0.0.1:${base + 10}` } };
    expect(await bm.http.get(path('named'))).toMatchObject({ status: 200, json: shown });
    expect((await bm.http.get('/v1/nodes/named')).json.console_enabled).toBe(true);
    expect((await enable('named', false)).status).toBe(202);
    expect((await bm.http.get(path('named'))).json).toEqual(off);
    await expect.poll(client(base + 10).seen).toContain('ECONNREFUSED');
  });

  test('nodes that name no port share a range, and one more than it holds is refused', async () => {
    for (const name of ['one', 'two', 'three', 'four']) await ipmiNode(name);
    const urls = [];
    for (const name of ['one', 'two', 'three']) {
      await enable(name, true);
      urls.push((await bm.http.get(path(name))).json.console_info.url);
    }
    expect(urls).toEqual([base, base + 1, base + 2].map((port) => `tcp://127.0.0.1:${port}`));
    const full = await enable('four', true);
    expect(full.status).toBe(400);
    expect(full.text).toContain(`${firstPort} to ${lastPort}`);
    await enable('two', false);
    await enable('four', true);
    expect((await bm.http.get(path('four'))).json.console_info.url).toBe(`tcp://127.0.0.1:${base + 1}`);
    for (const name of ['one', 'three', 'four']) await enable(name, false);
  });

  test('a console that cannot be served stays off, and the node says why', async () => {
    const taken = createServer();
    await new Promise<void>((listening) => taken.listen(base + 11, '127.0.0.1', listening));
    await ipmiNode('taken', { ipmi_terminal_port: base + 11 });
    expect((await enable('taken', true)).status).toBe(202);
    const { json } = await bm.http.get('/v1/nodes/taken');
    expect(json).toMatchObject({
      console_enabled: false,
      last_error: expect.stringMatching(/^Failed to enable console/),
    });
    taken.close();
  });

  test('a driver without console, and driver_info that cannot be used, are refused', async () => {
    const redfish = { redfish_address: 'http://127.0.0.1:1', redfish_system_id: '/redfish/v1/Systems/1' };
    await bm.http.post('/v1/nodes', { name: 'without', driver: 'redfish', driver_info: redfish });
    for (const answer of [await enable('without', true), await bm.http.get(path('without'))])
      expect(answer).toMatchObject({ status: 400, text: expect.stringContaining('console') });
    await bm.http.post('/v1/nodes', { name: 'blind', driver: 'ipmi', console_interface: 'ipmitool-socat' });
    expect(await enable('blind', true)).toMatchObject({ status: 400, text: expect.stringContaining('ipmi_address') });
  });

  test('a Redfish machine whose BMC offers no console over IPMI is refused one', async () => {
    const without = await testBmc();
    await redfishNode('silent', without);
    const answer = await enable('silent', true);
    await without.close();
    expect([answer.status, answer.text]).toEqual([400, expect.stringContaining('no serial console over IPMI')]);
  });

  test('the console of a fake machine can be switched, and is nowhere', async () => {
    await bm.http.post('/v1/nodes', { name: 'fake', driver: 'fake-hardware', console_interface: 'fake' });
    await enable('fake', true);
    expect((await bm.http.get(path('fake'))).json).toEqual({ console_enabled: true, console_info: {} });
  });

  test('consoles that were on when a server crashed are served when it starts again', async () => {
    await ipmiNode('left', { ipmi_terminal_port: base + 13 });
    await sql`update baremetal_nodes set console_enabled = true where name = 'left'`.execute(bm.database);
    await bm.baremetal.start();
    await expect.poll(() => said(base + 13), { timeout: 20_000 }).toMatch(/SOL|IPMI/);
    expect((await bm.http.patch('/v1/nodes/left', [{ op: 'replace', path: '/driver', value: 'redfish' }])).status).toBe(
      409,
    );
    await bm.http.delete('/v1/nodes/left');
    await enable('fake', false);
    await expect.poll(client(base + 13).seen).toContain('ECONNREFUSED');
  });
});

describe.skipIf(!hasIpmiTools)('a console over IPMI (skipped where ipmi_sim or ipmitool is not installed)', () => {
  test('shows what the machine says and types on it, one client at a time, and anew for the next', async () => {
    const machine = bmc?.bmc.machine;
    if (!machine) throw new Error('there is no BMC');
    await machine.powerOn();
    await ipmiNode('shown', { ipmi_terminal_port: base + 12 });
    await enable('shown', true);
    const first = client(base + 12);
    await expect.poll(first.seen, { timeout: 30_000 }).toContain('SOL Session operational');
    await expect
      .poll(
        () => {
          machine.type(Buffer.from('machine-speaks '));
          return first.seen();
        },
        { timeout: 30_000, interval: 500 },
      )
      .toContain('machine-speaks');
    first.socket.write('typed-by-me');
    await expect.poll(first.seen, { timeout: 10_000 }).toContain('typed-by-me');
    await expect.poll(client(base + 12).seen).toContain('Somebody else has this console');
    first.socket.destroy();
    await expect.poll(() => said(base + 12), { timeout: 40_000 }).toContain('SOL Session operational');
  }, 120_000);

  test('is that of a Redfish machine too, with the user of its Redfish service', async () => {
    if (!bmc) throw new Error('there is no BMC');
    // The BMC tells the port of its own number; that of this one was free by chance.
    const info = { ipmi_terminal_port: base + 14, ipmi_port: bmc.port, ipmi_cipher_suite: 3 };
    await redfishNode('both', bmc, info);
    expect((await enable('both', true)).status).toBe(202);
    await expect.poll(() => said(base + 14), { timeout: 40_000 }).toContain('SOL Session operational');
  }, 60_000);
});
