// Networks, subnets and ports in a stack, on the real network service.
import { afterAll, expect, test } from 'vitest';
import { createNetwork } from '../../../network/index.ts';
import { startTestOrchestration } from '../../testing/stacks.ts';
import { networkTypes } from './network-types.ts';
import { replacesServer } from './server-update.ts';
import { serviceApi } from './service-api.ts';

const { database, http, stacks, until, stop } = await startTestOrchestration((database) =>
  networkTypes(serviceApi(createNetwork({ database }).api, '/v2.0')),
);
const network = createNetwork({ database });
afterAll(stop);

const poll = { timeout: 30_000, interval: 50 };
const template = (portName: string, address: string) => ({
  heat_template_version: '2018-08-31',
  resources: {
    net: { type: 'OS::Neutron::Net', properties: { name: 'stack-net' } },
    subnet: {
      type: 'OS::Neutron::Subnet',
      properties: { network: { get_resource: 'net' }, cidr: '192.0.2.0/24', dns_nameservers: ['192.0.2.53'] },
    },
    port: {
      type: 'OS::Neutron::Port',
      properties: {
        name: portName,
        network: { get_resource: 'net' },
        fixed_ips: [{ subnet: { get_resource: 'subnet' }, ip_address: address }],
      },
    },
  },
  outputs: { ip: { value: { get_attr: ['port', 'fixed_ips', 0, 'ip_address'] } } },
});

test('makes a network with its subnet and port, renames the port in place, and removes all in the right order', async () => {
  const made = await http.post(stacks, { stack_name: 'net', template: template('one', '192.0.2.10') });
  const { id } = made.json.stack;
  const created = await until('net', 'CREATE_COMPLETE');
  expect(created.outputs[0].output_value).toBe('192.0.2.10');
  const found = await network.findNetwork('stack-net');
  expect(found?.subnetIds).toHaveLength(1);
  const port = async () => (await http.get(`${stacks}/net/${id}/resources/port`)).json.resource;
  const before = await port();
  await http.put(`${stacks}/net/${id}`, { template: template('two', '192.0.2.10') });
  await until('net', 'UPDATE_COMPLETE');
  const after = await port();
  expect([after.physical_resource_id, after.attributes.name]).toEqual([before.physical_resource_id, 'two']);
  await http.delete(`${stacks}/net/${id}`);
  await expect.poll(async () => (await http.get(`${stacks}/net`)).status, poll).toBe(404);
  expect(await network.findNetwork('stack-net')).toBeUndefined();
});

test('a subnet whose gateway is the empty text has none', async () => {
  const resources = {
    net: { type: 'OS::Neutron::Net' },
    subnet: {
      type: 'OS::Neutron::Subnet',
      properties: { network: { get_resource: 'net' }, cidr: '192.0.2.0/24', gateway_ip: '' },
    },
  };
  const template = { heat_template_version: '2018-08-31', resources };
  const { id } = (await http.post(stacks, { stack_name: 'closed', template })).json.stack;
  await until('closed', 'CREATE_COMPLETE');
  const subnet = (await http.get(`${stacks}/closed/${id}/resources/subnet`)).json.resource;
  expect(subnet.attributes).toMatchObject({ cidr: '192.0.2.0/24', gateway_ip: null });
});

test('fails with the words of the network service when it refuses', async () => {
  await http.post(stacks, { stack_name: 'outside', template: template('one', '198.51.100.1') });
  const stack = await until('outside', 'CREATE_FAILED');
  expect(stack.stack_status_reason).toContain('resources.port: IP address 198.51.100.1');
});

test('a server keeps its machine for a new name, metadata or image, not for another flavor', () => {
  expect(replacesServer(['name', 'metadata', 'image'], {}, {})).toBeUndefined();
  expect(replacesServer(['image'], { image_update_policy: 'REPLACE' }, {})).toBe('image_update_policy is REPLACE');
  expect(replacesServer(['flavor', 'name'], {}, {})).toBe('flavor of a machine cannot change in place');
  expect(replacesServer(['user_data'], { user_data_update_policy: 'IGNORE' }, {})).toBeUndefined();
});
