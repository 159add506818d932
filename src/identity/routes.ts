// The whole identity API on one page.
import type { Route } from '../openstack/index.ts';
import { grantRoutes } from './assignment/grants.ts';
import { assignmentRoutes } from './assignment/list.ts';
import { authRoutes } from './auth/routes.ts';
import { endpoints } from './catalog/endpoints.ts';
import { regions } from './catalog/regions.ts';
import { services } from './catalog/services.ts';
import { collectionRoutes } from './collection/index.ts';
import { groups } from './group/groups.ts';
import { memberRoutes } from './group/members.ts';
import type { Parts } from './parts.ts';
import { domains } from './project/domains.ts';
import { projects } from './project/projects.ts';
import { tagRoutes } from './project/tags.ts';
import { impliedRoleRoutes } from './role/implied.ts';
import { roles } from './role/roles.ts';
import { ownRoutes } from './user/own.ts';
import { users } from './user/users.ts';
import { versionRoutes } from './versions.ts';

const collections = [regions, services, endpoints, domains, projects, users, groups, roles];

export function identityRoutes(parts: Parts): Route[] {
  return [
    ...versionRoutes(),
    ...authRoutes(parts),
    ...collections.flatMap((collection) => collectionRoutes(collection, parts)),
    ...tagRoutes(parts),
    ...ownRoutes(parts),
    ...memberRoutes(parts),
    ...impliedRoleRoutes(parts),
    ...grantRoutes(parts),
    ...assignmentRoutes(parts),
  ];
}
