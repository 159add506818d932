// Addresses used and in all: /v2.0/network-ip-availabilities.
import { sql } from 'kysely';
import { errors } from '../errors.ts';
import { readOnly } from '../resource/attributes.ts';
import type { Resource } from '../resource/resource.ts';
import { list, type Row } from '../store.ts';

export const ipAvailabilities: Resource = {
  path: '/v2.0/network-ip-availabilities',
  member: 'network_ip_availability',
  members: 'network_ip_availabilities',
  notFound: errors.NetworkNotFound,
  attributes: {
    network_id: readOnly('text'),
    network_name: readOnly('text'),
    project_id: readOnly('text'),
    tenant_id: readOnly('text'),
    id: readOnly('text'),
    ip_version: readOnly(),
  },
  query: sql<Row>`select n.id, n.id as network_id, n.name as network_name, n.project_id,
      coalesce((select jsonb_agg(jsonb_build_object('subnet_id', s.id, 'subnet_name', s.name, 'cidr', s.cidr::text, 'ip_version', s.ip_version,
          'used_ips', (select count(*) from network_addresses a where a.subnet_id = s.id),
          'total_ips', (select coalesce(sum((p.last - p.first) + 1), 0) from network_allocation_pools p
            where p.subnet_id = s.id and family(p.first) = 4)) order by s.id)
        from network_subnets s where s.network_id = n.id), '[]') as subnet_ip_availability
    from network_networks n`,
  present: ({ id: _id, ...row }) => {
    const subnets = list(row, 'subnet_ip_availability').map((one) => ({ ...Object(one) }));
    const sum = (name: string) => subnets.reduce((total: number, one: Row) => total + Number(one[name]), 0);
    return { ...row, subnet_ip_availability: subnets, used_ips: sum('used_ips'), total_ips: sum('total_ips') };
  },
};
