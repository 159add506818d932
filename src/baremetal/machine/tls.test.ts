// A machine deployed over TLS both ways, as its kernel command line tells it.
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { authorityOf, parseCommandLine } from '../../agent/deploy/index.ts';
import { createAuthority } from '../../agent/index.ts';
import { tables } from '../store.ts';
import { ramdiskImages } from '../testing/images.ts';
import { startTestBaremetal, type TestBaremetal } from '../testing/index.ts';
import { type SimulatedMachine, simulatedMachine } from '../testing/simulated-machine.ts';

const data = Buffer.from('a golden image');
const imageServer = createServer((_request, response) => response.end(data));
let bm: TestBaremetal;
let machine: SimulatedMachine;
let uuid: string;

/** What iPXE gets for this machine. */
async function kernelWords(): Promise<ReadonlyMap<string, string>> {
  const script = (await bm.machines.get(`/boot/ipxe/${machine.mac}`)).text;
  return parseCommandLine(/^kernel (.*) \|\| goto retry$/m.exec(script)?.[1] ?? '');
}

beforeAll(async () => {
  await new Promise<void>((resolve) => imageServer.listen(0, '127.0.0.1', resolve));
  machine = simulatedMachine({
    apiUrl: () => bm.agents.url,
    authority: async () => authorityOf(await kernelWords()),
    mac: '52:54:00:00:00:01',
  });
  bm = await startTestBaremetal({
    tls: true,
    hardware: [machine.driver],
    images: ramdiskImages,
    config: { ramdiskTimeoutMs: 5_000 },
  });
  const address: AddressInfo = Object(imageServer.address());
  const instance_info = {
    image_source: `http://127.0.0.1:${address.port}/image`,
    image_os_hash_algo: 'sha512',
    image_os_hash_value: createHash('sha512').update(data).digest('hex'),
  };
  await bm.http.post('/v1/nodes', { name: 'm1', driver: 'redfish', instance_info });
  uuid = (await bm.http.get('/v1/nodes/m1')).json.uuid;
  await bm.http.post('/v1/ports', { node_uuid: uuid, address: machine.mac });
  await bm.provision('m1', 'manage', 'manageable');
  await bm.provision('m1', 'provide', 'available');
});
afterAll(async () => {
  await machine.stop();
  await bm.stop();
  imageServer.close();
});

const agentRow = () =>
  tables(bm.database).selectFrom('baremetal_agents').selectAll().where('node_uuid', '=', uuid).executeTakeFirst();

test('deploys over TLS: the agent trusts our authority, we trust the certificate that it made', async () => {
  await bm.provision('m1', 'active', 'active');
  expect(machine.written.map((one) => one.data.toString())).toEqual(['a golden image']);
  const agent = await agentRow();
  expect(agent?.callback_url).toMatch(/^https:/);
  expect(agent?.verify_ca).toMatch(/^-----BEGIN CERTIFICATE-----/);
});

test('a heartbeat with the right token but another certificate than the first is refused', async () => {
  machine.stuck = true;
  await bm.http.put('/v1/nodes/m1/states/provision', { target: 'rebuild' });
  await bm.until('m1', (node) => node.provision_state === 'wait call-back');
  const found = await bm.machines.get(`/v1/lookup?node_uuid=${uuid}`);
  const beat = (certificate: string | null) =>
    bm.machines.post(`/v1/heartbeat/${uuid}`, {
      // Has no commands, so that the deployment ends here.
      callback_url: bm.machines.url,
      agent_token: found.json.config.agent_token,
      agent_version: '9.4.0',
      agent_verify_ca: certificate,
    });
  const { certificate } = createAuthority('first');
  expect((await beat(certificate)).status).toBe(202);
  const other = await beat(createAuthority('second').certificate);
  expect([other.status, other.text]).toEqual([400, expect.stringContaining('another certificate')]);
  expect((await beat(null)).status).toBe(400);
  expect((await agentRow())?.verify_ca).toBe(certificate);
  await bm.until('m1', (node) => node.provision_state === 'deploy failed');
});
