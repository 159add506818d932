// The whole identity API on one page.
import type { Route } from '../openstack/index.ts';
import { accessRuleRoutes, applicationCredentialRoutes } from './application-credential/routes.ts';
import { grantRoutes } from './assignment/grants.ts';
import { assignmentRoutes } from './assignment/list.ts';
import { authRoutes } from './auth/routes.ts';
import { endpointGroups } from './catalog/endpoint-groups.ts';
import { endpoints } from './catalog/endpoints.ts';
import { endpointFilterRoutes } from './catalog/filter-routes.ts';
import { regionRoutes, regions } from './catalog/regions.ts';
import { services } from './catalog/services.ts';
import { collectionRoutes } from './collection/index.ts';
import { credentials } from './credential/credentials.ts';
import { ec2Routes } from './credential/ec2.ts';
import { withoutDelegation } from './delegation.ts';
import { domainConfigRoutes } from './domain-config/routes.ts';
import { groups } from './group/groups.ts';
import { memberRoutes } from './group/members.ts';
import { limits } from './limit/limits.ts';
import { registeredLimits } from './limit/registered-limits.ts';
import { limitModelRoute, limitRoutes } from './limit/routes.ts';
import type { Parts } from './parts.ts';
import { policies, policyAssociationRoutes } from './policy-document/policies.ts';
import { domains } from './project/domains.ts';
import { projects } from './project/projects.ts';
import { tagRoutes } from './project/tags.ts';
import { revocationRoutes } from './revocation/routes.ts';
import { impliedRoleRoutes } from './role/implied.ts';
import { roles } from './role/roles.ts';
import { trustRoutes } from './trust/routes.ts';
import { ownRoutes } from './user/own.ts';
import { users } from './user/users.ts';
import { versionRoutes } from './versions.ts';

const collections = [regions, services, endpoints, endpointGroups, domains, projects, users, groups, roles, policies];

export function identityRoutes(parts: Parts): Route[] {
  return [
    ...versionRoutes(),
    ...authRoutes(parts),
    ...revocationRoutes(parts),
    ...collections.flatMap((collection) => collectionRoutes(collection, parts)),
    ...regionRoutes(parts),
    ...tagRoutes(parts),
    ...ownRoutes(parts),
    ...memberRoutes(parts),
    ...impliedRoleRoutes(parts),
    ...grantRoutes(parts),
    ...assignmentRoutes(parts),
    ...withoutDelegation(parts, ['trust'], [...applicationCredentialRoutes(parts), ...accessRuleRoutes(parts)]),
    ...withoutDelegation(
      parts,
      ['trust', 'application credential'],
      [...collectionRoutes(credentials, parts), ...ec2Routes(parts)],
    ),
    ...trustRoutes(parts),
    limitModelRoute(),
    ...limitRoutes(limits, parts),
    ...limitRoutes(registeredLimits, parts),
    ...policyAssociationRoutes(parts),
    ...endpointFilterRoutes(parts),
    ...domainConfigRoutes(parts),
  ];
}
