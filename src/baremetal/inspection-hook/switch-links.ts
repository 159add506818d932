// Hooks that turn what LLDP tells into the switch ports that the machine's NICs are on.
import type { Hook } from './hook.ts';
import { elementsOf, macOf, parsedLldp } from './lldp.ts';

/** As a port's local_link_connection has it; what the switch did not tell is absent. */
interface SwitchLink {
  readonly switch_id?: string;
  readonly port_id?: string;
  readonly switch_info?: string;
}

function linkOf(lldp: unknown): SwitchLink {
  const elements = elementsOf(lldp);
  const value = (type: number) => elements.find((one) => one.type === type)?.value;
  const chassis = value(1);
  // A switch is known by its MAC address alone: other ways of naming a chassis are unique within a site at best.
  const id = chassis?.[0] === 4 ? macOf(chassis.subarray(1)) : undefined;
  const { switch_port_id: port, switch_system_name: system } = parsedLldp(elements);
  return {
    ...(id ? { switch_id: id } : {}),
    ...(typeof port === 'string' && port !== '' ? { port_id: port } : {}),
    ...(typeof system === 'string' && system !== '' ? { switch_info: system } : {}),
  };
}

export const parseLldp: Hook = {
  name: 'parse-lldp',
  summary: 'Plugin data `parsed_lldp`: what the switches say of themselves, by interface',
  needs: ['validate-interfaces'],
  run({ interfaces, pluginData }) {
    const parsed = interfaces.map(({ name, lldp }) => [name, parsedLldp(elementsOf(lldp))] as const);
    pluginData.parsed_lldp = Object.fromEntries(parsed.filter(([, told]) => Object.keys(told).length > 0));
  },
};

export const localLinkConnection: Hook = {
  name: 'local-link-connection',
  summary: '`local_link_connection` of ports that have none, from LLDP',
  needs: ['validate-interfaces'],
  run({ interfaces, ports }) {
    for (const { mac_address: mac, lldp } of interfaces) {
      const port = ports.find(({ address }) => address === mac);
      // What a person has said stays.
      if (port && Object.keys(port.local_link_connection).length === 0)
        port.local_link_connection = { ...linkOf(lldp) };
    }
  },
};
