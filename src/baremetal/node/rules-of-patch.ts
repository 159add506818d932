// Which rules of the policy a patch of a node must pass.
import { type PatchOperation, pointer } from '../document/patch.ts';
import { interfaceNames } from './schemas.ts';

/** Fields with a rule of their own. */
const ruleOfField: Readonly<Record<string, string>> = {
  extra: 'update_extra',
  instance_info: 'update_instance_info',
  driver_info: 'update:driver_info',
  properties: 'update:properties',
  chassis_uuid: 'update:chassis_uuid',
  instance_uuid: 'update:instance_uuid',
  lessee: 'update:lessee',
  owner: 'update:owner',
  driver: 'update:driver_interfaces',
  network_data: 'update:network_data',
  conductor_group: 'update:conductor_group',
  name: 'update:name',
  retired: 'update:retired',
  retired_reason: 'update:retired',
  shard: 'update:shard',
  parent_node: 'update:parent_node',
  ...Object.fromEntries(interfaceNames.map((name) => [`${name}_interface`, 'update:driver_interfaces'])),
};

/** Every other field is a matter of the general rule. */
export function rulesOfPatch(patch: readonly PatchOperation[]): string[] {
  const rules = patch.map((operation) => {
    const [field = ''] = pointer(operation.path);
    const unclean = field === 'automated_clean' && /^(false|f|0|no|n|off)$/i.test(String(operation.value));
    return `baremetal:node:${unclean ? 'disable_cleaning' : (ruleOfField[field] ?? 'update')}`;
  });
  return [...new Set(rules)];
}
