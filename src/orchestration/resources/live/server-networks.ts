// The networks of a server that is there: what its properties ask for, by attaching and detaching interfaces.
import type { Caller } from '../../../openstack/index.ts';
import type { Properties } from './contract.ts';
import type { ServiceApi } from './service-api.ts';

export interface Interface {
  readonly portId: string;
  readonly networkId: string;
  readonly addresses: readonly string[];
  readonly subnetIds: readonly string[];
}

export interface WantedInterface {
  readonly portId?: string;
  readonly networkId?: string;
  readonly subnetId?: string;
  readonly fixedIp?: string;
}

/** Which interfaces go and which come; one that serves what is wanted stays, whatever it was made for. */
export function interfaceChanges(
  have: readonly Interface[],
  want: readonly WantedInterface[],
): { readonly detach: readonly Interface[]; readonly attach: readonly WantedInterface[] } {
  const left = new Set(have);
  const attach: WantedInterface[] = [];
  // The most exact wishes choose first.
  const exactness = ({ portId, fixedIp, subnetId }: WantedInterface) => (portId ? 0 : fixedIp ? 1 : subnetId ? 2 : 3);
  for (const wish of [...want].sort((a, b) => exactness(a) - exactness(b))) {
    const served = [...left].find((one) => serves(one, wish));
    if (served) left.delete(served);
    else attach.push(wish);
  }
  return { detach: [...left], attach };
}

function serves(one: Interface, { portId, networkId, subnetId, fixedIp }: WantedInterface): boolean {
  if (portId !== undefined) return one.portId === portId;
  return (
    one.networkId === networkId &&
    (subnetId === undefined || one.subnetIds.includes(subnetId)) &&
    (fixedIp === undefined || one.addresses.includes(fixedIp))
  );
}

/** Brings the server's interfaces to what is wanted; again it changes nothing. First those that go: they free NICs. */
export async function changeInterfaces(
  compute: ServiceApi,
  caller: Caller,
  serverId: string,
  want: readonly WantedInterface[],
): Promise<void> {
  const path = `/servers/${serverId}/os-interface`;
  const { detach, attach } = interfaceChanges(await interfacesOf(compute, caller, path), want);
  for (const { portId } of detach) await compute.call(caller, 'DELETE', `${path}/${portId}`);
  for (const { portId, networkId, subnetId, fixedIp } of attach) {
    const where = portId === undefined ? { net_id: networkId } : { port_id: portId };
    const address = {
      ...(subnetId === undefined ? {} : { subnet_id: subnetId }),
      ...(fixedIp === undefined ? {} : { ip_address: fixedIp }),
    };
    const fixed = portId !== undefined || Object.keys(address).length === 0 ? {} : { fixed_ips: [address] };
    await compute.call(caller, 'POST', path, { interfaceAttachment: { ...where, ...fixed } });
  }
}

async function interfacesOf(compute: ServiceApi, caller: Caller, path: string): Promise<Interface[]> {
  const list = (await compute.call(caller, 'GET', path))?.interfaceAttachments;
  return asList(list).map((one) => ({
    portId: String(one.port_id),
    networkId: String(one.net_id),
    addresses: asList(one.fixed_ips).map((address) => String(address.ip_address)),
    subnetIds: asList(one.fixed_ips).map((address) => String(address.subnet_id)),
  }));
}

function asList(value: unknown): Properties[] {
  return Array.isArray(value) ? value.map((item) => ({ ...Object(item) })) : [];
}
