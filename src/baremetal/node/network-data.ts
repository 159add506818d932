// What a ramdisk is told of its networks: Nova's network_data.json, as Ironic holds it against the schema.
import { type TProperties, Type } from '@sinclair/typebox';

const one = (names: readonly string[]) => Type.Union(names.map((name) => Type.Literal(name)));
const text = Type.String();
const mac = Type.String({ pattern: '^[0-9a-fA-F]{2}([:-][0-9a-fA-F]{2}){5}$' });
const v4 = Type.String({ pattern: '^([0-9]{1,3}\\.){3}[0-9]{1,3}$' });
const v6 = Type.String({ pattern: '^[0-9a-fA-F:.]*:[0-9a-fA-F:.]*$' });
/** More may be said than is known here. */
const open = <Fields extends TProperties>(fields: Fields) => Type.Object(fields);

const link = {
  id: text,
  mtu: Type.Optional(Type.Union([Type.Integer(), Type.Null()])),
  vif_id: Type.Optional(text),
};
const links = Type.Union([
  open({
    ...link,
    type: one(['bridge', 'dvs', 'hw_veb', 'hyperv', 'ovs', 'phy', 'tap', 'vhostuser', 'vif']),
    ethernet_mac_address: mac,
  }),
  open({ ...link, type: Type.Literal('vlan'), vlan_link: text, vlan_id: Type.Integer(), vlan_mac_address: mac }),
  open({
    ...link,
    type: Type.Literal('bond'),
    bond_links: Type.Array(text),
    // The last one is what IEEE 802.3ad is called by mistake in the schema.
    bond_mode: one([
      ...['balance-rr', 'active-backup', 'balance-xor', 'broadcast', '802.3ad', 'balance-tlb', 'balance-alb'],
      '802.1ad',
    ]),
    ethernet_mac_address: Type.Optional(mac),
  }),
]);

const network = (types: readonly string[], address: typeof v4) =>
  open({
    id: text,
    link: text,
    network_id: text,
    type: one(types),
    ip_address: Type.Optional(address),
    netmask: Type.Optional(address),
    routes: Type.Optional(Type.Array(open({ network: address, netmask: address, gateway: address }))),
  });

export const networkDataSchema = open({
  links: Type.Array(links),
  networks: Type.Array(
    Type.Union([network(['ipv4', 'ipv4_dhcp'], v4), network(['ipv6', 'ipv6_dhcp', 'ipv6_slaac'], v6)]),
  ),
  services: Type.Array(open({ type: Type.Literal('dns'), address: Type.Union([v4, v6]) })),
});
