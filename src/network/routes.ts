// The whole network API on one page.
import type { Database } from '../database/index.ts';
import type { Route } from '../openstack/index.ts';
import { ipAvailabilities } from './availability/ip-availability.ts';
import { extensionRoutes, versionRoutes } from './extension/routes.ts';
import { networks } from './network/networks.ts';
import { ports } from './port/ports.ts';
import { quotaRoutes } from './quota/quotas.ts';
import { rbacPolicies } from './rbac/policies.ts';
import { resourceRoutes } from './resource/routes.ts';
import { securityGroups } from './security-group/groups.ts';
import { securityGroupRules } from './security-group/rules.ts';
import { segments } from './segment/segments.ts';
import { subnets } from './subnet/subnets.ts';
import { addressScopes } from './subnetpool/address-scopes.ts';
import { prefixRoutes, subnetpools } from './subnetpool/subnetpools.ts';
import { tagRoutes } from './tag/routes.ts';
import { subportRoutes, trunks } from './trunk/trunks.ts';

const resources = [
  networks,
  subnets,
  ports,
  subnetpools,
  addressScopes,
  securityGroups,
  securityGroupRules,
  segments,
  trunks,
  rbacPolicies,
  ipAvailabilities,
];

export function networkRoutes(database: Database): Route[] {
  return [
    ...versionRoutes(resources),
    ...extensionRoutes(),
    ...resources.flatMap((resource) => resourceRoutes(resource, database)),
    ...tagRoutes(networks, 'network_networks', database),
    ...tagRoutes(subnets, 'network_subnets', database),
    ...tagRoutes(ports, 'network_ports', database),
    ...tagRoutes(subnetpools, 'network_subnetpools', database),
    ...tagRoutes(securityGroups, 'network_security_groups', database),
    ...tagRoutes(trunks, 'network_trunks', database),
    ...prefixRoutes(database),
    ...subportRoutes(database),
    ...quotaRoutes(database),
  ];
}
