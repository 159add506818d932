// What a server's config drive says.
import { expect, test } from 'vitest';
import type { ServerPortRow, ServerRow } from '../tables.ts';
import { configDriveOf } from './config-drive.ts';
import { hostnameOf, statesOf, statusOf } from './server.ts';

const at = new Date(0);
const server: ServerRow = {
  id: 'b70512ed-9960-4bf5-8b29-7490561bed69',
  sequence: 1,
  name: 'Web 1',
  hostname: 'web-1',
  description: null,
  project_id: 'p',
  user_id: 'u',
  reservation_id: 'r-1',
  launch_index: 0,
  vm_state: 'building',
  task_state: null,
  power_state: 0,
  image_id: null,
  flavor: { id: 'f', name: 'f', ramMb: 1, vcpus: 1, diskGb: 1, ephemeralGb: 0, swapMb: 0, extraSpecs: {} },
  key_name: 'k',
  public_key: 'ssh-ed25519 AAAA k',
  user_data: Buffer.from('#!/bin/sh\necho ü\n').toString('base64'),
  config_drive: true,
  metadata: { role: 'web' },
  vendor_data: {},
  scheduler_hints: {},
  availability_zone: null,
  requested_networks: [],
  requested_node: null,
  group_id: null,
  node_uuid: null,
  fault: null,
  locked: false,
  locked_reason: null,
  tags: [],
  access_ip_v4: '',
  access_ip_v6: '',
  operation_id: null,
  launched_at: null,
  created_at: at,
  updated_at: at,
};
const port: ServerPortRow = {
  server_id: server.id,
  port_id: '12345678-9abc-def0-1234-56789abcdef0',
  position: 0,
  owned: true,
  tag: null,
  network_id: 'n1',
  network_name: 'ctlplane',
  mac_address: '52:54:00:00:00:01',
  fixed_ips: [
    {
      ip: '192.168.24.10',
      version: 4,
      subnetId: 's1',
      cidr: '192.168.24.0/22',
      gateway: '192.168.24.1',
      dnsServers: ['192.168.24.1'],
      routes: [{ destination: '10.0.0.0/8', nexthop: '192.168.24.2' }],
    },
    { ip: 'fd00::10', version: 6, subnetId: 's2', cidr: 'fd00::/64', gateway: null, dnsServers: [], routes: [] },
  ],
};

test('names the server, its keys and its metadata', () => {
  const drive = configDriveOf(server, [port], { a: 1 });
  expect(drive.metaData).toMatchObject({
    uuid: server.id,
    hostname: 'web-1',
    public_keys: { k: 'ssh-ed25519 AAAA k' },
    meta: { role: 'web' },
  });
  expect(drive.vendorData).toEqual({ a: 1 });
  expect(drive.userData).toBe('#!/bin/sh\necho ü\n');
});

test('configures every address on its NIC, with gateway, routes and name servers', () => {
  expect(configDriveOf(server, [port], {}, { n1: 9000 }).networkData).toEqual({
    links: [
      { id: 'tap12345678-9a', vif_id: port.port_id, type: 'phy', mtu: 9000, ethernet_mac_address: '52:54:00:00:00:01' },
    ],
    networks: [
      {
        id: 'network0',
        link: 'tap12345678-9a',
        network_id: 'n1',
        type: 'ipv4',
        ip_address: '192.168.24.10',
        netmask: '255.255.252.0',
        routes: [
          { network: '0.0.0.0', netmask: '0.0.0.0', gateway: '192.168.24.1' },
          { network: '10.0.0.0', netmask: '255.0.0.0', gateway: '192.168.24.2' },
        ],
        services: [{ type: 'dns', address: '192.168.24.1' }],
      },
      {
        id: 'network1',
        link: 'tap12345678-9a',
        network_id: 'n1',
        type: 'ipv6',
        ip_address: 'fd00::10',
        netmask: 'ffff:ffff:ffff:ffff::',
        routes: [],
        services: [],
      },
    ],
    services: [{ type: 'dns', address: '192.168.24.1' }],
  });
});

test('a host name holds what host names may hold', () => {
  expect(hostnameOf('My Web.1_x', 'id')).toBe('my-web-1-x');
  expect(hostnameOf('ümläut', 'id')).toBe('mlut');
  expect(hostnameOf('猫', 'id')).toBe('server-id');
  expect(hostnameOf(`${'a'.repeat(62)}-b`, 'id')).toBe('a'.repeat(62));
});

test('a status filter finds the states that show this status', () => {
  for (const status of ['BUILD', 'ACTIVE', 'SHUTOFF', 'ERROR', 'RESCUE', 'REBOOT', 'HARD_REBOOT', 'REBUILD'])
    for (const { vmState, tasks } of statesOf(status)) expect(statusOf(vmState, tasks?.[0] ?? null)).toBe(status);
  expect(statesOf('DANCING')).toEqual([]);
});
