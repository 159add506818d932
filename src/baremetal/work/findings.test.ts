// What the chosen hooks derive reaches the node and its ports.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { hooksNamed, usualInspection } from '../inspection-hook/hooks.ts';
import { startTestBaremetal, type TestBaremetal } from '../testing/index.ts';
import { type SimulatedMachine, simulatedMachine } from '../testing/simulated-machine.ts';

let bm: TestBaremetal;
let machine: SimulatedMachine;

beforeAll(async () => {
  machine = simulatedMachine({ apiUrl: () => bm.machines.url, mac: '52:54:00:aa:00:01' });
  bm = await startTestBaremetal({
    hardware: [machine.driver],
    images: ['deploy-kernel', 'deploy-ramdisk'].map((id) => ({ id, data: Buffer.from(id) })),
    config: {
      inspection: {
        ...usualInspection,
        hooks: hooksNamed(['validate-interfaces', 'ports', 'boot-mode', 'physical-network']),
        keepPorts: 'present',
        physicalNetworks: { '127.0.0.0/8': 'blue' },
      },
    },
  });
}, 60_000);
afterAll(async () => {
  await bm?.stop();
  await machine?.stop();
});

const ports = async () => {
  const { json } = await bm.http.get('/v1/ports?fields=address,physical_network');
  return json.ports.map((port: { address: string; physical_network: string | null }) => [
    port.address.slice(-2),
    port.physical_network,
  ]);
};

test('ports of NICs that are gone go, those that stay get their network, and what no hook derives is left alone', async () => {
  const made = { name: 'm', driver: 'redfish', inspect_interface: 'agent', properties: { cpus: 64 } };
  const { uuid } = (await bm.http.post('/v1/nodes', made)).json;
  for (const end of ['01', '99'])
    await bm.http.post('/v1/ports', { node_uuid: uuid, address: `52:54:00:aa:00:${end}` });
  await bm.provision('m', 'manage', 'manageable');
  await bm.provision('m', 'inspect', 'manageable');
  expect((await bm.http.get('/v1/nodes/m')).json.properties).toEqual({ cpus: 64, capabilities: 'boot_mode:bios' });
  expect(await ports()).toEqual([['01', 'blue']]);
});
