// Who may do what: Ironic's rule names with their default expressions.
import type { PolicyRules, ScopeTypes } from '../openstack/index.ts';

const any = (...expressions: readonly string[]) => expressions.map((one) => `(${one})`).join(' or ');
const of = (role: string, relation: string) => `role:${role} and project_id:%(${relation})s`;

const systemService = 'role:service and system_scope:all';
const ownerAdmin = any(of('admin', 'node.owner'), of('manager', 'node.owner'), of('service', 'node.owner'));
const ownerMember = any(of('member', 'node.owner'), of('service', 'node.owner'));
const lesseeAdmin = any(of('admin', 'node.lessee'), of('manager', 'node.lessee'));
const systemAdmin = 'role:admin and system_scope:all';
const systemMember = any('role:member and system_scope:all', 'rule:service_role');
const systemReader = any('role:reader and system_scope:all', systemService, 'rule:service_role');
const runbookManager = any(systemMember, of('manager', 'runbook.owner'), 'role:service');

/** The circles of people that rules let in. `owner` and `lessee` are the projects that a node belongs to and is lent to. */
const circles = {
  systemAdmin,
  systemAdminOrService: any(systemAdmin, systemService),
  systemMember,
  systemReader,
  apiReader: any('role:reader', 'role:service'),
  member: any(systemMember, of('member', 'node.owner'), of('member', 'node.lessee'), systemService),
  reader: any(systemReader, of('reader', 'node.owner'), of('reader', 'node.lessee'), of('service', 'node.owner')),
  ownerReader: any(systemReader, of('reader', 'node.owner'), of('service', 'node.owner')),
  ownerMember: any(systemMember, systemService, ownerMember),
  ownerAdmin: any(systemMember, systemService, ownerAdmin),
  /** As `ownerAdmin`, with the system's administrators in the place of its members. */
  strictOwnerAdmin: any(systemAdmin, systemService, ownerAdmin),
  ownerMemberLesseeAdmin: any(systemMember, systemService, ownerMember, lesseeAdmin),
  ownerAdminLesseeAdmin: any(systemMember, systemService, ownerAdmin, lesseeAdmin),
  enrolOwn: any('role:admin', 'role:service'),
  forgetOwn: of('admin', 'node.owner'),
  allocationReader: any(systemReader, of('reader', 'allocation.owner')),
  allocationMember: any(systemMember, of('member', 'allocation.owner')),
  allocationCreator: any(systemMember, 'role:member'),
  targetProperties: any(systemReader, 'role:admin'),
  runbookReader: any(systemReader, of('reader', 'runbook.owner'), 'role:service', 'True:%(runbook.public)s'),
  runbookCreator: any(systemMember, 'role:manager', 'role:service'),
  runbookManager,
  /** Runbooks are there for members to help themselves. */
  runbookUser: any(systemMember, of('member', 'runbook.owner'), 'role:service'),
} as const;

/** Who else passes while the rules of before scopes hold beside these. */
const formerly = {
  admin: 'rule:is_admin',
  observer: any('rule:is_admin', 'rule:is_observer'),
  /** Whoever may change the node at all. */
  updater: 'rule:baremetal:node:update',
  none: undefined,
} as const;

type Circle = keyof typeof circles;
type Rule = readonly [Circle, keyof typeof formerly, 'system'?];

/** Rule -> who passes, who passed before scopes, and whether only tokens of system scope do. */
const rules: Readonly<Record<string, Rule>> = {
  'node:create': ['systemAdminOrService', 'admin'],
  'node:create:self_owned_node': ['enrolOwn', 'none'],
  'node:list': ['apiReader', 'observer'],
  'node:list_all': ['systemReader', 'observer'],
  'node:get': ['reader', 'observer'],
  'node:get:filter_threshold': ['systemReader', 'observer'],
  'node:get:last_error': ['ownerReader', 'observer'],
  'node:get:reservation': ['ownerReader', 'observer'],
  'node:get:driver_internal_info': ['ownerReader', 'observer'],
  'node:get:driver_info': ['ownerReader', 'observer'],
  'node:update': ['member', 'admin'],
  'node:update_extra': ['member', 'updater'],
  'node:update_instance_info': ['ownerMemberLesseeAdmin', 'updater'],
  'node:update_owner_provisioned': ['systemAdmin', 'admin', 'system'],
  'node:update:driver_info': ['ownerMember', 'admin'],
  'node:update:properties': ['ownerMember', 'admin'],
  'node:update:chassis_uuid': ['systemAdmin', 'admin'],
  'node:update:instance_uuid': ['ownerMember', 'admin'],
  'node:update:lessee': ['ownerMember', 'admin'],
  'node:update:owner': ['systemMember', 'admin'],
  'node:update:driver_interfaces': ['ownerAdmin', 'admin'],
  'node:update:network_data': ['ownerMember', 'admin'],
  'node:update:conductor_group': ['systemMember', 'admin'],
  'node:update:name': ['ownerMember', 'admin'],
  'node:update:retired': ['ownerMember', 'admin'],
  'node:update:shard': ['systemAdmin', 'admin'],
  'node:update:parent_node': ['systemMember', 'admin'],
  'node:disable_cleaning': ['systemAdmin', 'updater', 'system'],
  'node:delete': ['systemAdmin', 'admin'],
  'node:delete:self_owned_node': ['forgetOwn', 'none'],
  'node:validate': ['ownerMemberLesseeAdmin', 'admin'],
  'node:set_maintenance': ['ownerMemberLesseeAdmin', 'admin'],
  'node:clear_maintenance': ['ownerMemberLesseeAdmin', 'admin'],
  'node:get_boot_device': ['ownerAdmin', 'observer'],
  'node:set_boot_device': ['ownerAdmin', 'admin'],
  'node:get_indicator_state': ['reader', 'observer'],
  'node:set_indicator_state': ['ownerMember', 'admin'],
  'node:inject_nmi': ['ownerAdmin', 'admin'],
  'node:get_states': ['reader', 'observer'],
  'node:set_power_state': ['member', 'admin'],
  'node:set_boot_mode': ['member', 'admin'],
  'node:set_secure_boot': ['member', 'admin'],
  'node:set_provision_state': ['ownerMemberLesseeAdmin', 'admin'],
  'node:set_provision_state:clean_steps': ['ownerMemberLesseeAdmin', 'admin'],
  'node:set_provision_state:service_steps': ['ownerMemberLesseeAdmin', 'admin'],
  'node:set_raid_state': ['ownerMember', 'admin'],
  'node:get_console': ['ownerMember', 'admin'],
  'node:set_console_state': ['ownerMember', 'admin'],
  'node:vif:list': ['reader', 'admin'],
  'node:vif:attach': ['ownerMemberLesseeAdmin', 'admin'],
  'node:vif:detach': ['ownerMemberLesseeAdmin', 'admin'],
  'node:traits:list': ['reader', 'observer'],
  'node:traits:set': ['ownerAdmin', 'admin'],
  'node:traits:delete': ['ownerAdmin', 'admin'],
  'node:bios:get': ['reader', 'observer'],
  'node:firmware:get': ['reader', 'observer'],
  'node:history:get': ['ownerReader', 'observer'],
  'node:inventory:get': ['ownerReader', 'observer'],
  'node:vmedia:attach': ['member', 'admin'],
  'node:vmedia:detach': ['member', 'admin'],
  'node:vmedia:get': ['reader', 'admin'],
  'node:vendor_passthru': ['systemAdmin', 'admin'],
  'shards:get': ['systemReader', 'observer'],
  'port:get': ['reader', 'observer'],
  'port:list': ['apiReader', 'observer'],
  'port:list_all': ['systemReader', 'observer'],
  'port:create': ['strictOwnerAdmin', 'admin'],
  'port:delete': ['strictOwnerAdmin', 'admin'],
  'port:update': ['ownerAdmin', 'admin'],
  'portgroup:get': ['reader', 'observer'],
  'portgroup:list': ['apiReader', 'observer'],
  'portgroup:list_all': ['systemReader', 'observer'],
  'portgroup:create': ['strictOwnerAdmin', 'admin'],
  'portgroup:delete': ['strictOwnerAdmin', 'admin'],
  'portgroup:update': ['ownerAdmin', 'admin'],
  'chassis:get': ['systemReader', 'observer', 'system'],
  'chassis:create': ['systemAdmin', 'admin', 'system'],
  'chassis:update': ['systemMember', 'admin', 'system'],
  'chassis:delete': ['systemAdmin', 'admin', 'system'],
  'driver:get': ['systemReader', 'observer', 'system'],
  'driver:get_properties': ['systemReader', 'observer', 'system'],
  'driver:get_raid_logical_disk_properties': ['systemReader', 'observer', 'system'],
  'driver:vendor_passthru': ['systemAdmin', 'admin', 'system'],
  'conductor:get': ['systemReader', 'observer'],
  'events:post': ['systemAdmin', 'admin', 'system'],
  'allocation:get': ['allocationReader', 'observer'],
  'allocation:list': ['apiReader', 'observer'],
  'allocation:list_all': ['systemReader', 'observer'],
  'allocation:create': ['allocationCreator', 'admin'],
  'allocation:create_restricted': ['systemMember', 'admin'],
  'allocation:update': ['allocationMember', 'admin'],
  'allocation:delete': ['allocationMember', 'admin'],
  'deploy_template:get': ['systemReader', 'observer'],
  'deploy_template:create': ['systemAdmin', 'admin'],
  'deploy_template:update': ['systemAdmin', 'admin'],
  'deploy_template:delete': ['systemAdmin', 'admin'],
  'volume:list': ['apiReader', 'observer'],
  'volume:list_all': ['systemReader', 'observer'],
  'volume:get': ['reader', 'observer'],
  'volume:create': ['ownerAdminLesseeAdmin', 'admin'],
  'volume:delete': ['ownerAdminLesseeAdmin', 'admin'],
  'volume:update': ['ownerMemberLesseeAdmin', 'admin'],
  'volume:view_target_properties': ['targetProperties', 'admin'],
  'runbook:get': ['runbookReader', 'observer'],
  'runbook:list': ['apiReader', 'observer'],
  'runbook:list_all': ['systemReader', 'observer'],
  'runbook:create': ['runbookCreator', 'admin'],
  'runbook:update': ['runbookManager', 'admin'],
  'runbook:update:owner': ['systemMember', 'admin'],
  'runbook:update:public': ['systemMember', 'admin'],
  'runbook:delete': ['runbookManager', 'admin'],
  'runbook:use': ['runbookUser', 'admin'],
  'inspection_rule:get': ['systemReader', 'observer'],
  'inspection_rule:create': ['systemAdmin', 'admin'],
  'inspection_rule:update': ['systemAdmin', 'admin'],
  'inspection_rule:delete': ['systemAdmin', 'admin'],
};

/** Rules that others refer to. */
const shared: PolicyRules = {
  service_role: 'role:service and project_name:service',
  is_member: '(project_domain_id:default or project_domain_id:None) and (project_name:demo or project_name:baremetal)',
  is_observer: 'rule:is_member and (role:observer or role:baremetal_observer)',
  is_admin: any('role:admin', 'role:administrator', 'rule:is_member and role:baremetal_admin'),
};

/**
 * The default policy. `strict`: only the scope of a token counts, as in Ironic with `enforce_new_defaults`; otherwise who
 * passed the rules of before scopes, such as the role admin in any project, passes still.
 */
export function defaultPolicy(strict: boolean): PolicyRules {
  const granular = Object.entries(rules).map(([name, [circle, before]]) => {
    const former = strict ? undefined : formerly[before];
    return [`baremetal:${name}`, former === undefined ? circles[circle] : any(circles[circle], former)];
  });
  return { ...shared, ...Object.fromEntries(granular) };
}

/** The rules that only tokens of system scope pass; none while the rules of before scopes hold. */
export function scopeTypes(strict: boolean): ScopeTypes {
  if (!strict) return {};
  const ofSystem = Object.entries(rules).filter(([, [, , scope]]) => scope === 'system');
  return Object.fromEntries(ofSystem.map(([name]) => [`baremetal:${name}`, ['system'] as const]));
}
