// Servers as Nova's documents, field by field for the microversion asked.
import { createHash } from 'node:crypto';
import { type ApiRequest, atLeast, type RequestContext } from '../../openstack/index.ts';
import { microseconds, second, selfLinks } from '../links.ts';
import type { ServerPortRow, ServerRow } from '../tables.ts';
import { statusOf } from './server.ts';

type May = ApiRequest['may'];

/** What a list without detail and a creation answer. */
export function briefView(row: ServerRow, { baseUrl }: RequestContext): Record<string, unknown> {
  return { id: row.id, name: row.name, links: selfLinks(baseUrl, `servers/${row.id}`) };
}

/** Compute API, "Show server details". `single`: not one of a list. */
export function serverView(
  row: ServerRow,
  ports: readonly ServerPortRow[],
  context: RequestContext,
  { may, single, host }: { may: May; single: boolean; host: string },
): Record<string, unknown> {
  const { baseUrl, microversion } = context;
  const since = (version: string) => atLeast(microversion, version);
  const status = statusOf(row.vm_state, row.task_state);
  const admin = may('os_compute_api:os-extended-server-attributes', { project_id: row.project_id });
  return {
    ...briefView(row, context),
    status,
    tenant_id: row.project_id,
    user_id: row.user_id,
    metadata: row.metadata,
    hostId: row.node_uuid === null ? '' : hashOf(row.project_id + row.node_uuid),
    image:
      row.image_id === null
        ? ''
        : { id: row.image_id, links: [{ rel: 'bookmark', href: `${baseUrl}/images/${row.image_id}` }] },
    flavor: since('2.47') ? embeddedFlavor(row) : flavorLink(row, baseUrl),
    created: second(row.created_at),
    updated: second(row.updated_at),
    addresses: addressesView(ports),
    accessIPv4: row.access_ip_v4,
    accessIPv6: row.access_ip_v6,
    ...(['ACTIVE', 'BUILD', 'REBUILD', 'RESIZE', 'VERIFY_RESIZE', 'MIGRATING'].includes(status)
      ? { progress: status === 'ACTIVE' ? 100 : 0 }
      : {}),
    ...(status === 'ERROR' && row.fault ? { fault: faultView(row.fault, admin) } : {}),
    'OS-DCF:diskConfig': 'MANUAL',
    'OS-EXT-AZ:availability_zone': row.node_uuid === null ? (row.availability_zone ?? '') : 'nova',
    'OS-EXT-STS:task_state': row.task_state,
    'OS-EXT-STS:vm_state': row.vm_state,
    'OS-EXT-STS:power_state': row.power_state,
    'OS-SRV-USG:launched_at': microseconds(row.launched_at),
    'OS-SRV-USG:terminated_at': null,
    'os-extended-volumes:volumes_attached': [],
    config_drive: row.config_drive ? 'True' : '',
    key_name: row.key_name,
    ...(ports.length > 0 ? { security_groups: ports.map(() => ({ name: 'default' })) } : {}),
    ...(admin ? hostAttributes(row, host, since) : since('2.90') ? { 'OS-EXT-SRV-ATTR:hostname': row.hostname } : {}),
    ...(since('2.9') ? { locked: row.locked } : {}),
    ...(since('2.19') ? { description: row.description } : {}),
    ...(since('2.26') ? { tags: row.tags } : {}),
    ...(since('2.63') ? { trusted_image_certificates: null } : {}),
    ...(since('2.71') && single ? { server_groups: row.group_id === null ? [] : [row.group_id] } : {}),
    ...(since('2.73') ? { locked_reason: row.locked_reason } : {}),
  };
}

function hostAttributes(row: ServerRow, host: string, since: (version: string) => boolean): Record<string, unknown> {
  return {
    'OS-EXT-SRV-ATTR:host': row.node_uuid === null ? null : host,
    'OS-EXT-SRV-ATTR:hypervisor_hostname': row.node_uuid,
    'OS-EXT-SRV-ATTR:instance_name': `instance-${row.sequence.toString(16).padStart(8, '0')}`,
    ...(since('2.3')
      ? {
          'OS-EXT-SRV-ATTR:hostname': row.hostname,
          'OS-EXT-SRV-ATTR:reservation_id': row.reservation_id,
          'OS-EXT-SRV-ATTR:launch_index': row.launch_index,
          'OS-EXT-SRV-ATTR:kernel_id': '',
          'OS-EXT-SRV-ATTR:ramdisk_id': '',
          'OS-EXT-SRV-ATTR:root_device_name': '/dev/sda',
          'OS-EXT-SRV-ATTR:user_data': row.user_data,
        }
      : {}),
    ...(since('2.16') ? { host_status: row.node_uuid === null ? '' : 'UP' } : {}),
  };
}

/** 2.47: the flavor as it was when the server was made. */
function embeddedFlavor({ flavor }: ServerRow): Record<string, unknown> {
  return {
    original_name: flavor.name,
    vcpus: flavor.vcpus,
    ram: flavor.ramMb,
    disk: flavor.diskGb,
    ephemeral: flavor.ephemeralGb,
    swap: flavor.swapMb,
    extra_specs: flavor.extraSpecs,
  };
}

function flavorLink({ flavor }: ServerRow, baseUrl: string): Record<string, unknown> {
  return { id: flavor.id, links: [{ rel: 'bookmark', href: `${baseUrl}/flavors/${flavor.id}` }] };
}

function faultView(fault: NonNullable<ServerRow['fault']>, admin: boolean): Record<string, unknown> {
  const { details, ...shown } = fault;
  return admin ? { ...shown, details } : shown;
}

/** Addresses by the names of their networks. */
export function addressesView(ports: readonly ServerPortRow[]): Record<string, unknown[]> {
  const byNetwork: Record<string, unknown[]> = {};
  for (const port of ports) {
    const list = byNetwork[port.network_name] ?? [];
    byNetwork[port.network_name] = list;
    for (const { ip, version } of port.fixed_ips) {
      list.push({
        version,
        addr: ip,
        'OS-EXT-IPS:type': 'fixed',
        'OS-EXT-IPS-MAC:mac_addr': port.mac_address,
      });
    }
  }
  return byNetwork;
}

/** Only versions and addresses, as GET /servers/ID/ips has them. */
export function ipsView(ports: readonly ServerPortRow[]): Record<string, { version: number; addr: string }[]> {
  const byNetwork: Record<string, { version: number; addr: string }[]> = {};
  for (const port of ports) {
    byNetwork[port.network_name] = [
      ...(byNetwork[port.network_name] ?? []),
      ...port.fixed_ips.map(({ ip, version }) => ({ version, addr: ip })),
    ];
  }
  return byNetwork;
}

function hashOf(text: string): string {
  return createHash('sha224').update(text).digest('hex');
}
