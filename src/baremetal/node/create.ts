// Enrols a node.
import { randomUUID } from 'node:crypto';
import type { Transaction } from '../../database/index.ts';
import { atLeast, type Microversion } from '../../openstack/index.ts';
import { isUuid, uuidOrNull } from '../document/names.ts';
import { errors } from '../errors.ts';
import type { Parts } from '../parts.ts';
import { syncProvider } from '../placement/provider.ts';
import type { NodeRow } from '../store.ts';
import { telling } from './change.ts';
import { duplicateOf } from './duplicate.ts';
import { chooseInterfaces, driverOf } from './interfaces.ts';
import { nodeName } from './name.ts';
import type { NewNodeBody } from './schemas.ts';
import { storeDriverInfo } from './secrets.ts';

/** Inserts the node. Throws for an unknown driver or interface, a bad or taken name, a UUID that is taken. */
export async function createNode(
  parts: Parts,
  tx: Transaction,
  body: NewNodeBody,
  asked: { readonly version: Microversion; readonly requestId: string; readonly owner?: string },
): Promise<NodeRow> {
  const uuid = (body.uuid ?? randomUUID()).toLowerCase();
  if (!isUuid(uuid)) throw errors.InvalidUuid(uuid);
  const name = typeof body.name === 'string' ? nodeName(body.name, asked.version) : null;
  refuseSizes(uuid, body.properties ?? {});
  const driver = driverOf(parts.hardware, body.driver);
  const owner = asked.owner ?? body.owner ?? null;
  // Before there was `enroll`, nodes began as available.
  const state = atLeast(asked.version, '1.11') ? 'enroll' : 'available';
  const created = {
    kind: 'baremetal.node.created',
    subject: `node:${uuid}`,
    projectId: owner,
    requestId: asked.requestId,
    payload: { name, driver: driver.name, provision_state: state },
  };
  const row = await duplicateOf(
    { uuid, name, instance_uuid: body.instance_uuid ?? null, chassis_uuid: body.chassis_uuid ?? null },
    () =>
      telling(tx, [created])
        .insertInto('baremetal_nodes')
        .values({
          uuid,
          name,
          driver: driver.name,
          provision_state: state,
          ...chooseInterfaces(driver, body),
          ...storeDriverInfo(parts.sealer, uuid, body.driver_info ?? {}),
          ...placeOf(body.properties ?? {}),
          properties: JSON.stringify(body.properties ?? {}),
          extra: JSON.stringify(body.extra ?? {}),
          instance_info: JSON.stringify(body.instance_info ?? {}),
          network_data: JSON.stringify(body.network_data ?? {}),
          instance_uuid: uuidOrNull(body.instance_uuid),
          resource_class: body.resource_class ?? null,
          chassis_uuid: uuidOrNull(body.chassis_uuid),
          conductor_group: (body.conductor_group ?? '').toLowerCase(),
          automated_clean: flagOf('automated_clean', body.automated_clean),
          disable_power_off: flagOf('disable_power_off', body.disable_power_off) ?? false,
          retired: flagOf('retired', body.retired) ?? false,
          retired_reason: body.retired_reason ?? null,
          maintenance: flagOf('maintenance', body.maintenance) ?? false,
          owner,
          lessee: body.lessee ?? null,
          description: body.description ?? null,
          shard: body.shard ?? null,
          parent_node: uuidOrNull(body.parent_node),
        })
        .returningAll()
        .executeTakeFirstOrThrow(),
  );
  await syncProvider(parts.placement, tx, undefined, row);
  return row;
}

/** Rack, leaf and power domain are told among the properties, where every client can set them. */
export function placeOf(properties: Readonly<Record<string, unknown>>) {
  const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : null);
  return {
    rack: text(properties.rack),
    leaf: text(properties.leaf),
    power_domain: text(properties.power_domain),
  };
}

/** Throws 400 for sizes among the properties that are no whole numbers. */
export function refuseSizes(uuid: string, properties: Readonly<Record<string, unknown>>): void {
  const wrong = ['cpus', 'local_gb', 'memory_mb'].filter((name) => {
    const value = properties[name];
    return value !== undefined && value !== null && value !== '' && !/^\d+$/.test(String(value));
  });
  if (wrong.length > 0) {
    const values = wrong.map((name) => `${name}=${String(properties[name])}`).join(', ');
    throw errors.Invalid(`These properties of node ${uuid} should be non-negative integers, but are: ${values}`);
  }
}

/** A flag as Ironic's clients write it. Throws 400 for other words. */
export function flagOf(name: string, value: boolean | string | null | undefined): boolean | null {
  if (value === undefined || value === null || typeof value === 'boolean') return value ?? null;
  if (/^(1|t|true|on|y|yes)$/i.test(value)) return true;
  if (/^(0|f|false|off|n|no)$/i.test(value)) return false;
  throw errors.Invalid(`Invalid input for field/attribute ${name}. Value: '${value}' is not a valid boolean.`);
}
