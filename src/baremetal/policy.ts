// Who may do what: Ironic's rule names with their default expressions.
import type { PolicyRules } from '../openstack/index.ts';

/** Who a rule lets in, besides system administrators. */
type Circle =
  /** Nobody else. */
  | 'admin'
  /** System members. */
  | 'member'
  /** System readers. */
  | 'reader'
  /** Readers of the project that owns or leases the node. */
  | 'read-own'
  /** Members of the project that owns or leases the node. */
  | 'use-own'
  /** Members of the project that owns the node. */
  | 'member-own'
  /** Administrators of the project that owns the node. */
  | 'admin-own'
  /** Any reader. */
  | 'anyone'
  /** Readers of the project that owns the allocation. */
  | 'read-own-allocation'
  | 'use-own-allocation';

const rules: Readonly<Record<string, Circle>> = {
  'baremetal:node:create': 'admin',
  'baremetal:node:create:self_owned_node': 'anyone',
  'baremetal:node:list': 'anyone',
  'baremetal:node:list_all': 'reader',
  'baremetal:node:get': 'read-own',
  'baremetal:node:get:filter_threshold': 'reader',
  'baremetal:node:update': 'use-own',
  'baremetal:node:update:driver_info': 'admin-own',
  'baremetal:node:update:driver_interfaces': 'admin-own',
  'baremetal:node:update:properties': 'member-own',
  'baremetal:node:update:chassis_uuid': 'admin',
  'baremetal:node:update:instance_uuid': 'member-own',
  'baremetal:node:update:lessee': 'admin-own',
  'baremetal:node:update:owner': 'member',
  'baremetal:node:update:shard': 'admin',
  'baremetal:node:update:name': 'member-own',
  'baremetal:node:update:retired': 'member-own',
  'baremetal:node:delete': 'admin',
  'baremetal:node:delete:self_owned_node': 'admin-own',
  'baremetal:node:validate': 'use-own',
  'baremetal:node:set_maintenance': 'use-own',
  'baremetal:node:clear_maintenance': 'use-own',
  'baremetal:node:get_boot_device': 'member-own',
  'baremetal:node:set_boot_device': 'use-own',
  'baremetal:node:inject_nmi': 'use-own',
  'baremetal:node:get_states': 'read-own',
  'baremetal:node:set_power_state': 'use-own',
  'baremetal:node:set_boot_mode': 'use-own',
  'baremetal:node:set_secure_boot': 'use-own',
  'baremetal:node:set_provision_state': 'use-own',
  'baremetal:node:set_raid_state': 'member-own',
  'baremetal:node:get_console': 'member-own',
  'baremetal:node:set_console_state': 'member-own',
  'baremetal:node:vif:list': 'read-own',
  'baremetal:node:vif:attach': 'use-own',
  'baremetal:node:vif:detach': 'use-own',
  'baremetal:node:traits:list': 'read-own',
  'baremetal:node:traits:set': 'member-own',
  'baremetal:node:traits:delete': 'member-own',
  'baremetal:node:bios:get': 'read-own',
  'baremetal:node:history:get': 'member-own',
  'baremetal:node:inventory:get': 'read-own',
  'baremetal:node:indicator:get': 'read-own',
  'baremetal:node:vendor_passthru': 'admin',
  'baremetal:shards:get': 'reader',
  'baremetal:port:get': 'read-own',
  'baremetal:port:list': 'anyone',
  'baremetal:port:list_all': 'reader',
  'baremetal:port:create': 'admin-own',
  'baremetal:port:update': 'admin-own',
  'baremetal:port:delete': 'admin-own',
  'baremetal:portgroup:get': 'read-own',
  'baremetal:portgroup:list': 'anyone',
  'baremetal:portgroup:list_all': 'reader',
  'baremetal:portgroup:create': 'admin-own',
  'baremetal:portgroup:update': 'admin-own',
  'baremetal:portgroup:delete': 'admin-own',
  'baremetal:chassis:get': 'reader',
  'baremetal:chassis:create': 'admin',
  'baremetal:chassis:update': 'admin',
  'baremetal:chassis:delete': 'admin',
  'baremetal:driver:get': 'reader',
  'baremetal:driver:get_properties': 'reader',
  'baremetal:driver:get_raid_logical_disk_properties': 'reader',
  'baremetal:driver:vendor_passthru': 'admin',
  'baremetal:conductor:get': 'reader',
  'baremetal:allocation:get': 'read-own-allocation',
  'baremetal:allocation:list': 'anyone',
  'baremetal:allocation:list_all': 'reader',
  'baremetal:allocation:create': 'anyone',
  'baremetal:allocation:create_restricted': 'member',
  'baremetal:allocation:update': 'use-own-allocation',
  'baremetal:allocation:delete': 'use-own-allocation',
  'baremetal:deploy_template:get': 'reader',
  'baremetal:deploy_template:create': 'admin',
  'baremetal:deploy_template:update': 'admin',
  'baremetal:deploy_template:delete': 'admin',
  'baremetal:volume:get': 'read-own',
  'baremetal:volume:list': 'anyone',
  'baremetal:volume:list_all': 'reader',
  'baremetal:volume:create': 'member-own',
  'baremetal:volume:update': 'member-own',
  'baremetal:volume:delete': 'member-own',
};

/**
 * The default policy. `strict`: only the scope of a token counts, as in Ironic with `enforce_new_defaults`; otherwise the
 * role admin in any scope may do all, as before.
 */
export function defaultPolicy(strict: boolean): PolicyRules {
  const system = (role: string) => `(role:${role} and system_scope:all)`;
  const service = '(role:service and system_scope:all)';
  const admin = strict ? `(${system('admin')} or ${service})` : '(role:admin or role:baremetal_admin or role:service)';
  const of = (role: string, owner: string) => `(role:${role} and project_id:%(${owner})s)`;
  const reader = `(${admin} or ${system('reader')}${strict ? '' : ' or role:baremetal_observer'})`;
  const expressions: Readonly<Record<Circle, string>> = {
    admin,
    member: `(${admin} or ${system('member')})`,
    reader,
    'read-own': `(${reader} or ${of('reader', 'node.owner')} or ${of('reader', 'node.lessee')})`,
    'use-own': `(${admin} or ${system('member')} or ${of('member', 'node.owner')} or ${of('admin', 'node.lessee')})`,
    'member-own': `(${admin} or ${system('member')} or ${of('member', 'node.owner')})`,
    'admin-own': `(${admin} or ${system('member')} or ${of('admin', 'node.owner')})`,
    anyone: strict ? `(${reader} or role:reader)` : `(${reader} or role:reader)`,
    'read-own-allocation': `(${reader} or ${of('reader', 'allocation.owner')})`,
    'use-own-allocation': `(${admin} or ${system('member')} or ${of('member', 'allocation.owner')})`,
  };
  return Object.fromEntries(Object.entries(rules).map(([rule, circle]) => [rule, expressions[circle]]));
}
