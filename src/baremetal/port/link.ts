// What a port may say of the switch that it is connected to: its `local_link_connection`.
import { atLeast, type Microversion } from '../../openstack/index.ts';
import { errors } from '../errors.ts';

type Link = Readonly<Record<string, unknown>>;

/** The kinds of connection: what each must say, what else it may say. */
const kinds: readonly {
  readonly needs: readonly string[];
  readonly may: readonly string[];
  readonly since?: string;
}[] = [
  { needs: ['switch_id', 'port_id'], may: ['switch_info', 'network_type', 'hostname'] },
  // A smart NIC.
  { needs: ['port_id', 'hostname'], may: ['network_type'] },
  // The switch is nobody's here to set up.
  { needs: ['network_type'], may: [] },
  { needs: ['port_id', 'vtep-logical-switch', 'vtep-physical-switch'], may: ['network_type'], since: '1.90' },
];

/** Throws 400 for a connection of no kind, 406 for what the microversion does not have. */
export function refuseLink(link: Link, version: Microversion): void {
  const keys = Object.keys(link);
  if (keys.length === 0) return;
  if (keys.includes('network_type') && !atLeast(version, '1.64'))
    throw errors.NotAcceptable('network_type in local_link_connection needs microversion 1.64 or newer.');
  const wrong = keys.find((key) => typeof link[key] !== 'string' && link[key] !== null);
  if (wrong !== undefined) throw errors.Invalid(`local_link_connection: ${wrong} must be text.`);
  const usable = kinds.filter(({ since }) => since === undefined || atLeast(version, since));
  const fits = usable.some(
    ({ needs, may }) =>
      needs.every((key) => keys.includes(key)) && keys.every((key) => needs.includes(key) || may.includes(key)),
  );
  if (!fits) {
    const all = usable.map(({ needs }) => needs.join(' and ')).join('; or ');
    throw errors.Invalid(`local_link_connection with ${keys.join(', ')} is of no known kind. It needs ${all}.`);
  }
  const { network_type: type, switch_id: id } = link;
  if (typeof type === 'string' && type !== 'managed' && type !== 'unmanaged')
    throw errors.Invalid(`local_link_connection: network_type is managed or unmanaged, not ${type}.`);
  if (keys.length === 1 && type === 'managed')
    throw errors.Invalid('local_link_connection: a managed network needs switch_id and port_id.');
  // A MAC address or an OpenFlow datapath id, which is two bytes longer.
  if (typeof id === 'string' && !/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i.test(id) && !/^(0x)?[0-9a-f]{16}$/i.test(id))
    throw errors.Invalid(`Expected a MAC address or OpenFlow datapath ID but received ${id}.`);
}
