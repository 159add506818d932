// The stock `openstack` command against network, subcommand by subcommand.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { testDatabase } from '../database/testing/index.ts';
import { adminPassword, testIdentity } from '../identity/testing/index.ts';
import { adminVariables, hasOpenstackCommand, runOpenstack } from '../openstack/testing/client.ts';
import { serve } from '../openstack/testing/index.ts';
import { createNetwork } from './index.ts';

/** Command and what its output must hold. */
const commands: readonly (readonly [command: string, expected: RegExp])[] = [
  [
    'network create n1 --mtu 1400 --provider-network-type vlan --provider-physical-network rack --provider-segment 12',
    /"mtu": 1400/,
  ],
  ['network create n2 --share --disable-port-security --tag red', /"shared": true/],
  ['network list --tags red', /"Name": "n2"/],
  ['network list --long', /"Network Type": "vlan"/],
  ['network set n2 --name n3 --enable-port-security --tag blue', /^$/],
  ['network unset n3 --tag red', /^$/],
  ['network show n3', /"blue"/],
  ['subnet pool create pool --pool-prefix 10.5.0.0/16 --default-prefix-length 26', /"default_prefixlen": 26/],
  ['subnet pool set pool --pool-prefix 10.6.0.0/16', /^$/],
  ['subnet pool list', /"10.6.0.0\/16"/],
  [
    'subnet create s1 --network n1 --subnet-range 10.1.0.0/24 --dns-nameserver 9.9.9.9 --allocation-pool start=10.1.0.10,end=10.1.0.20 --no-dhcp',
    /"start": "10.1.0.10"/,
  ],
  ['subnet create s2 --network n3 --subnet-pool pool', /"cidr": "10.5.0.0\/26"/],
  [
    'subnet create s6 --network n3 --ip-version 6 --subnet-range 2001:db8::/64 --ipv6-ra-mode slaac --ipv6-address-mode slaac',
    /"ipv6_ra_mode": "slaac"/,
  ],
  ['subnet set s1 --gateway none --dhcp --host-route destination=10.9.0.0/16,gateway=10.1.0.3', /^$/],
  ['subnet unset s1 --host-route destination=10.9.0.0/16,gateway=10.1.0.3', /^$/],
  ['subnet show s1', /"gateway_ip": null/],
  ['subnet list --network n3', /"Name": "s6"/],
  [
    'port create p1 --network n1 --fixed-ip subnet=s1,ip-address=10.1.0.15 --mac-address 52:54:00:12:34:56 --host h1 --vnic-type baremetal --dns-name web',
    /"status": "ACTIVE"/,
  ],
  ['port create p2 --network n3 --no-security-group --disable-port-security', /2001:db8::/],
  ['port create p3 --network n3 --allowed-address ip-address=10.8.0.0/16', /"10.8.0.0\/16"/],
  ['port create p4 --network n1 --fixed-ip ip-address=10.1.0.15', /in use by port .*\(p1\)/],
  ['port list --fixed-ip ip-substring=10.1.0', /"Name": "p1"/],
  ['port list --mac-address 52:54:00:12:34:56', /"Name": "p1"/],
  ['port set p1 --no-fixed-ip --fixed-ip subnet=s1', /^$/],
  ['port show p1', /"ip_address": "10.1.0.15"/],
  ['security group create guards', /"name": "guards"/],
  ['security group rule create guards --protocol tcp --dst-port 22:80 --remote-ip 10.0.0.0/8', /"port_range_max": 80/],
  ['security group rule list guards', /"22:80"/],
  ['security group list', /"Name": "default"/],
  ['port set p3 --security-group guards', /^$/],
  ['security group delete guards', /in use by port/],
  ['network trunk create t1 --parent-port p3', /"name": "t1"/],
  ['network trunk set t1 --subport port=p2,segmentation-type=vlan,segmentation-id=100', /^$/],
  ['network subport list --trunk t1', /"Segmentation ID": 100/],
  ['port delete p3', /parent port for trunk/],
  ['network trunk unset t1 --subport p2', /^$/],
  ['network trunk delete t1', /^$/],
  [
    'network segment create rack2 --network n3 --network-type vlan --physical-network rack2 --segment 44',
    /"segmentation_id": 44/,
  ],
  ['network segment list --network n3', /"Name": "rack2"/],
  ['network segment delete rack2', /^$/],
  ['network rbac create --target-project service --action access_as_shared --type network n1', /"access_as_shared"/],
  ['network rbac list', /"Object Type": "network"/],
  ['address scope create scope --ip-version 4', /"name": "scope"/],
  ['address scope delete scope', /^$/],
  ['ip availability show n1', /"used_ips": 1/],
  ['extension show trunk', /"alias": "trunk"/],
  ['network delete n1', /still in use/],
  ['port delete p1 p2 p3', /^$/],
  ['network delete n1 n3', /^$/],
];

describe.skipIf(!hasOpenstackCommand())('the openstack command (python3-openstackclient)', () => {
  const closers: (() => Promise<void>)[] = [];
  let answers: readonly string[] = [];

  beforeAll(async () => {
    const cloud = await testIdentity();
    const { database, drop } = await testDatabase();
    const http = await serve(createNetwork({ database }).api, { authenticate: cloud.identity.authenticate });
    closers.push(cloud.drop, http.close, drop);
    await cloud.identity.bootstrap({
      adminPassword,
      region: 'RegionOne',
      endpoints: [
        { type: 'identity', name: 'keystone', url: cloud.http.url },
        { type: 'network', name: 'neutron', url: http.url },
      ],
    });
    answers = await runOpenstack(
      adminVariables(cloud.http.url, adminPassword),
      commands.map(([command]) => command),
    );
  });
  afterAll(async () => {
    for (const close of closers) await close();
  });

  test.each(commands.map(([command, expected], index) => ({ command, expected, index })))(
    '$command',
    ({ expected, index }) => {
      expect(answers[index]).toMatch(expected);
    },
  );
});
