// Who may do what in placement: the reference's rule names with their defaults, legacy and scoped.
import type { PolicyRules, ScopeTypes } from '../openstack/index.ts';

const systemAdmin = 'rule:system_admin_api';
const systemReader = 'rule:system_reader_api';

const operations: Readonly<Record<string, string>> = {
  'placement:resource_providers:list': systemReader,
  'placement:resource_providers:create': systemAdmin,
  'placement:resource_providers:show': systemReader,
  'placement:resource_providers:update': systemAdmin,
  'placement:resource_providers:delete': systemAdmin,
  'placement:resource_classes:list': systemReader,
  'placement:resource_classes:create': systemAdmin,
  'placement:resource_classes:show': systemReader,
  'placement:resource_classes:update': systemAdmin,
  'placement:resource_classes:delete': systemAdmin,
  'placement:resource_providers:inventories:list': systemReader,
  'placement:resource_providers:inventories:create': systemAdmin,
  'placement:resource_providers:inventories:show': systemReader,
  'placement:resource_providers:inventories:update': systemAdmin,
  'placement:resource_providers:inventories:delete': systemAdmin,
  'placement:resource_providers:aggregates:list': systemReader,
  'placement:resource_providers:aggregates:update': systemAdmin,
  'placement:resource_providers:usages': systemReader,
  'placement:usages': 'rule:system_or_project_reader',
  'placement:traits:list': systemReader,
  'placement:traits:show': systemReader,
  'placement:traits:update': systemAdmin,
  'placement:traits:delete': systemAdmin,
  'placement:resource_providers:traits:list': systemReader,
  'placement:resource_providers:traits:update': systemAdmin,
  'placement:resource_providers:traits:delete': systemAdmin,
  'placement:allocations:manage': systemAdmin,
  'placement:allocations:list': systemReader,
  'placement:allocations:update': systemAdmin,
  'placement:allocations:delete': systemAdmin,
  'placement:resource_providers:allocations:list': systemReader,
  'placement:allocation_candidates:list': systemReader,
  'placement:reshaper:reshape': systemAdmin,
};

/** The defaults. Unless scopes are enforced, any admin passes, as before the rules knew scopes. */
export function placementPolicy(enforceScope: boolean): PolicyRules {
  const orAdmin = (rule: string) => (enforceScope ? rule : `(${rule}) or rule:admin_api`);
  return {
    admin_api: 'role:admin',
    system_admin_api: orAdmin('role:admin and system_scope:all'),
    system_reader_api: orAdmin('role:reader and system_scope:all'),
    project_reader_api: orAdmin('role:reader and project_id:%(project_id)s'),
    system_or_project_reader: orAdmin('rule:system_reader_api or rule:project_reader_api'),
    ...operations,
  };
}

/** Whose tokens may pass at all when scopes are enforced. */
export const placementScopes: ScopeTypes = Object.fromEntries(
  Object.keys(operations).map((rule) => [rule, rule === 'placement:usages' ? ['system', 'project'] : ['system']]),
);
