// Default policy of orchestration, by Heat's rule names.
import type { PolicyRules } from '../openstack/index.ts';

const admin = 'role:admin';
const own = 'project_id:%(project_id)s';
const reader = `${admin} or (role:reader and ${own})`;
const member = `${admin} or (role:member and ${own})`;

const readers = [
  'stacks:index',
  'stacks:detail',
  'stacks:lookup',
  'stacks:show',
  'stacks:template',
  'stacks:environment',
  'stacks:files',
  'stacks:export',
  'stacks:list_snapshots',
  'stacks:show_snapshot',
  'stacks:list_outputs',
  'stacks:show_output',
  'stacks:list_resource_types',
  'stacks:list_template_versions',
  'stacks:list_template_functions',
  'stacks:resource_schema',
  'stacks:generate_template',
  'resource:index',
  'resource:show',
  'resource:metadata',
  'events:index',
  'events:show',
  'build_info:build_info',
  'software_configs:index',
  'software_configs:show',
  'software_deployments:index',
  'software_deployments:show',
  'software_deployments:metadata',
];
const members = [
  'stacks:create',
  'stacks:preview',
  'stacks:update',
  'stacks:update_patch',
  'stacks:preview_update',
  'stacks:delete',
  'stacks:abandon',
  'stacks:snapshot',
  'stacks:delete_snapshot',
  'stacks:restore_snapshot',
  'stacks:validate_template',
  'actions:action',
  'resource:signal',
  'resource:mark_unhealthy',
  'software_configs:create',
  'software_configs:delete',
  'software_deployments:create',
  'software_deployments:update',
  'software_deployments:delete',
  'plans:create',
  'plans:show',
  'plans:apply',
];

export const orchestrationPolicy: PolicyRules = {
  ...Object.fromEntries(readers.map((rule) => [rule, reader])),
  ...Object.fromEntries(members.map((rule) => [rule, member])),
  'stacks:global_index': admin,
  'service:index': admin,
  'software_configs:global_index': admin,
};
