// Changes a node's own fields by JSON patch.
import { sql } from 'kysely';
import type { Transaction } from '../../database/index.ts';
import { describeFault, violation } from '../../openstack/index.ts';
import { uuidOrNull } from '../document/names.ts';
import { applyPatch, given, type PatchOperation, type PatchRules, touched } from '../document/patch.ts';
import { errors } from '../errors.ts';
import type { Parts } from '../parts.ts';
import { type JsonObject, type NodeRow, type NodeUpdate, tables } from '../store.ts';
import { type Because, changeNode } from './change.ts';
import { flagOf, placeOf, refuseSizes } from './create.ts';
import { duplicateOf } from './duplicate.ts';
import { chooseInterfaces, driverOf } from './interfaces.ts';
import { nodeName } from './name.ts';
import { type EditedNode, editableFields, editedNodeSchema, interfaceNames } from './schemas.ts';
import { openDriverInfo, sameValue, storeDriverInfo } from './secrets.ts';

const objectFields = ['properties', 'extra', 'instance_info', 'network_data'] as const;
const textFields = [
  'maintenance_reason',
  'protected_reason',
  'retired_reason',
  'owner',
  'lessee',
  'description',
  'shard',
] as const;
const defaults = {
  driver_info: {},
  properties: {},
  extra: {},
  instance_info: {},
  network_data: {},
  conductor_group: '',
  disable_power_off: false,
  protected: false,
  retired: false,
  maintenance: false,
};
export const nodePatch: PatchRules = { editable: editableFields, mandatory: ['driver'], defaults };

/** States in which a node may change although something is going on or wanted. */
const editableWhileMoving = [
  'deploy failed',
  'inspecting',
  'inspect failed',
  'inspect wait',
  'clean failed',
  'error',
  'verifying',
  'adopt failed',
  'rescue failed',
  'unrescue failed',
  'service failed',
  'service hold',
  'clean hold',
  'deploy hold',
];
/** In these nobody uses the node: its class may change, and its allocation may go. */
const classFree = [
  'enroll',
  'available',
  'inspecting',
  'inspect wait',
  'inspect failed',
  'manageable',
  'clean failed',
  'adopt failed',
];

/** Applies the patch. `resetInterfaces`: a changed driver brings its default interfaces (1.45). */
export async function updateNode(
  parts: Parts,
  tx: Transaction,
  node: NodeRow,
  patch: readonly PatchOperation[],
  asked: Because & { readonly resetInterfaces: boolean },
): Promise<NodeRow> {
  const names = touched(patch);
  refuseWhileBusy(node, names);
  const document: JsonObject = { ...node, driver_info: { ...node.driver_info } };
  const edited = applyPatch(document, patch, nodePatch);
  if (given(patch).has('name') && !edited.name) throw errors.InvalidName(String(edited.name));
  const change = columnsOf(parts, node, edited, names, asked.resetInterfaces);
  if (node.provision_state === 'available' && change.retired === true) {
    throw errors.InvalidState(`Node ${node.uuid} can not be retired while it is available; manage it first.`);
  }
  if (change.parent_node) await refuseInsideItself(tx, node.uuid, change.parent_node);
  return duplicateOf(
    {
      uuid: node.uuid,
      name: change.name ?? null,
      instance_uuid: change.instance_uuid ?? null,
      chassis_uuid: change.chassis_uuid ?? null,
    },
    async () => {
      const allocation = node.allocation_uuid;
      if (allocation === null || change.instance_uuid !== null) return changeNode(parts, tx, node, change, asked);
      // An allocation is its instance: without it there is none.
      const changed = await changeNode(parts, tx, node, { ...change, allocation_uuid: null }, asked);
      await tables(tx).deleteFrom('baremetal_allocations').where('uuid', '=', allocation).execute();
      return changed;
    },
  );
}

/** The columns that make the named fields of the node what they are in `edited`. Throws 400 for values that cannot be. */
export function columnsOf(
  parts: Pick<Parts, 'sealer' | 'hardware'>,
  node: NodeRow,
  edited: JsonObject,
  names: ReadonlySet<string>,
  resetInterfaces: boolean,
): NodeUpdate {
  const fault = violation(editedNodeSchema, pick(edited, names), 'body');
  if (fault) throw errors.Invalid(describeFault(fault));
  const wanted: EditedNode = pick(edited, names);
  const secrets = openDriverInfo(parts.sealer, node);
  return {
    ...scalars(node, wanted, names),
    ...interfaces(parts, node, wanted, resetInterfaces),
    ...(names.has('driver_info') ? storeDriverInfo(parts.sealer, node.uuid, wanted.driver_info ?? {}, secrets) : {}),
  };
}

async function refuseInsideItself(tx: Transaction, node: string, parent: string): Promise<void> {
  const above = await sql`
    with recursive above as (
      select uuid, parent_node from baremetal_nodes where uuid = ${parent}
      union select n.uuid, n.parent_node from baremetal_nodes n join above on n.uuid = above.parent_node
    ) select uuid from above where uuid = ${node}`.execute(tx);
  if (above.rows.length > 0)
    throw errors.Invalid(`Node ${node} can not be inside of itself or of a node inside of it.`);
}

function pick(document: JsonObject, names: ReadonlySet<string>): JsonObject {
  return Object.fromEntries(Object.entries(document).filter(([name]) => names.has(name)));
}

function refuseWhileBusy(node: NodeRow, names: ReadonlySet<string>): void {
  const onlyMaintenance = [...names].every((name) => name === 'maintenance' || name === 'maintenance_reason');
  if (onlyMaintenance) return;
  if (node.reservation !== null) throw errors.NodeLocked(node.uuid, node.reservation);
  const moving = node.target_power_state !== null || node.target_provision_state !== null;
  if (moving && !editableWhileMoving.includes(node.provision_state)) throw errors.NodeInTransition(node.uuid);
}

function scalars(node: NodeRow, wanted: EditedNode, names: ReadonlySet<string>): NodeUpdate {
  const change: NodeUpdate = {};
  for (const name of objectFields) if (names.has(name)) change[name] = JSON.stringify(wanted[name] ?? {});
  for (const name of textFields) if (names.has(name)) change[name] = wanted[name] ?? null;
  if (names.has('properties')) {
    refuseSizes(node.uuid, wanted.properties ?? {});
    Object.assign(change, placeOf(wanted.properties ?? {}));
  }
  if (names.has('name')) change.name = nameOf(wanted.name);
  if (names.has('conductor_group')) change.conductor_group = (wanted.conductor_group ?? '').toLowerCase();
  if (names.has('automated_clean')) change.automated_clean = flagOf('automated_clean', wanted.automated_clean);
  for (const name of ['protected', 'retired', 'maintenance', 'disable_power_off'] as const) {
    if (names.has(name)) change[name] = flagOf(name, wanted[name]) ?? false;
  }
  if (change.maintenance === false) change.maintenance_reason = null;
  const guarded = change.protected ?? node.protected;
  if (!guarded && names.has('protected_reason') && wanted.protected_reason) {
    throw errors.Invalid(
      `The protected_reason field can only be set on a protected node, and ${node.uuid} is not protected.`,
    );
  }
  const retiring = change.retired ?? node.retired;
  if (!retiring && names.has('retired_reason') && wanted.retired_reason) {
    throw errors.Invalid(
      `The retired_reason field can only be set on a retired node, and ${node.uuid} is not retired.`,
    );
  }
  if (change.protected === false) change.protected_reason = null;
  if (change.retired === false) change.retired_reason = null;
  if (change.protected === true && !['active', 'rescue'].includes(node.provision_state)) {
    throw errors.InvalidState(`Node ${node.uuid} can only be protected while it is active or in rescue.`);
  }
  if (names.has('chassis_uuid')) change.chassis_uuid = uuidOrNull(wanted.chassis_uuid);
  if (names.has('parent_node')) change.parent_node = uuidOrNull(wanted.parent_node);
  if (names.has('instance_uuid')) change.instance_uuid = instanceOf(node, wanted.instance_uuid);
  if (names.has('resource_class')) change.resource_class = classOf(node, wanted.resource_class);
  return change;
}

function nameOf(name: string | null | undefined): string | null {
  if (name === undefined || name === null || name === '') return null;
  return nodeName(name);
}

/** An instance is put on a node that has none, or taken off: never swapped. */
function instanceOf(node: NodeRow, given: string | null | undefined): string | null {
  const instance = uuidOrNull(given);
  if (instance !== null && node.instance_uuid !== null && instance !== node.instance_uuid) {
    throw errors.NodeAssociated(node.uuid, node.instance_uuid);
  }
  if (
    instance === null &&
    node.allocation_uuid !== null &&
    !classFree.includes(node.provision_state) &&
    !node.maintenance
  ) {
    throw errors.InvalidState(
      `Node ${node.uuid} with an allocation can not have instance_uuid removed unless it is in one of allowed (${classFree.join(', ')}) states or in maintenance mode.`,
    );
  }
  return instance;
}

function classOf(node: NodeRow, given: string | null | undefined): string | null {
  if (!sameValue(given ?? null, node.resource_class) && !classFree.includes(node.provision_state)) {
    throw errors.InvalidState(
      `Node ${node.uuid} can not have resource_class updated unless it is in one of allowed (${classFree.join(', ')}) states.`,
    );
  }
  return given ?? null;
}

function interfaces(parts: Pick<Parts, 'hardware'>, node: NodeRow, wanted: EditedNode, reset: boolean): NodeUpdate {
  const named = interfaceNames.some((name) => wanted[`${name}_interface`] !== undefined);
  if (wanted.driver === undefined && !named) return {};
  const driver = driverOf(parts.hardware, wanted.driver ?? node.driver);
  const changes = wanted.driver !== undefined && wanted.driver !== node.driver;
  if (!changes && !named) return {};
  if (changes && node.console_enabled) throw errors.ConsoleEnabled(node.uuid);
  const kept = changes && reset ? {} : node;
  return { driver: driver.name, ...chooseInterfaces(driver, { ...interfacesOf(kept), ...interfacesOf(wanted) }) };
}

function interfacesOf(from: Partial<Record<string, unknown>>): Record<string, string | null> {
  return Object.fromEntries(
    interfaceNames.flatMap((name) => {
      const value = from[`${name}_interface`];
      return typeof value === 'string' || value === null ? [[`${name}_interface`, value]] : [];
    }),
  );
}
