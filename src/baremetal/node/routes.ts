// The routes of nodes and of what hangs on them.
import { sql } from 'kysely';
import type { Answer, ApiRequest, Route } from '../../openstack/index.ts';
import { consoleHandlers, consoleSchema } from '../console/handlers.ts';
import { guarded, guardedBody } from '../document/guarded.ts';
import { patchSchema } from '../document/patch.ts';
import { findRow } from '../document/rows.ts';
import { errors } from '../errors.ts';
import type { Parts } from '../parts.ts';
import { agentLogHandlers } from './agent-logs.ts';
import { bmcCallHandlers } from './bmc-calls.ts';
import { equipmentHandlers, indicatorSchema, mediaSchema } from './equipment-handlers.ts';
import { nodeHandlers } from './handlers.ts';
import { nodeQueries } from './list.ts';
import { nodePartHandlers, traitsSchema, vifSchema } from './parts-of-node.ts';
import { raidSchema } from './raid-config.ts';
import { newNodeSchema, provisionSchema } from './schemas.ts';
import { bootDeviceSchema, powerSchema, secureBootSchema, stateHandlers, targetSchema } from './state-handlers.ts';

export function nodeRoutes(parts: Parts): Route[] {
  const nodes = nodeHandlers(parts);
  return [
    guarded('GET', '/v1/nodes', 'node:list', 'List nodes', nodes.list, { asks: nodeQueries }),
    guardedBody('POST', '/v1/nodes', 'node:create', 'Enrol a node', newNodeSchema, nodes.create),
    guarded('GET', '/v1/nodes/detail', 'node:list', 'List nodes with all fields', nodes.detail, { asks: nodeQueries }),
    guarded('GET', '/v1/nodes/:node', 'node:get', 'Show a node', nodes.show, { asks: ['fields'] }),
    guardedBody('PATCH', '/v1/nodes/:node', 'node:update', 'Change a node', patchSchema, nodes.update, {
      asks: ['reset_interfaces'],
    }),
    guarded('DELETE', '/v1/nodes/:node', 'node:delete', 'Forget a node', nodes.remove),
    guarded('GET', '/v1/nodes/:node/states', 'node:get_states', 'States of a node', nodes.states),
    guarded(
      'GET',
      '/v1/chassis/:chassis/nodes',
      'node:list',
      'Nodes of a chassis',
      (request) => nodesOfChassis(parts, request),
      {
        asks: nodeQueries,
      },
    ),
  ];
}

async function nodesOfChassis(parts: Parts, request: ApiRequest): Promise<Answer> {
  const ident = request.params.chassis ?? '';
  const row = await findRow(parts.database, 'baremetal_chassis', ident);
  if (!row) throw errors.ChassisNotFound(ident);
  return nodeHandlers(parts).listIn(
    request,
    false,
    [() => sql<boolean>`chassis_uuid = ${row.uuid}`],
    `/v1/chassis/${row.uuid}/nodes`,
  );
}

export function stateRoutes(parts: Parts): Route[] {
  const states = stateHandlers(parts);
  const at = '/v1/nodes/:node';
  return [
    guardedBody(
      'PUT',
      `${at}/states/provision`,
      'node:set_provision_state',
      'Ask for a provision state',
      provisionSchema,
      states.provision,
    ),
    guardedBody(
      'PUT',
      `${at}/states/power`,
      'node:set_power_state',
      'Ask for a power state',
      powerSchema,
      states.power,
    ),
    guardedBody(
      'PUT',
      `${at}/states/raid`,
      'node:set_raid_state',
      'Ask for a RAID configuration',
      raidSchema,
      states.raid,
      { since: '1.12' },
    ),
    guarded(
      'PUT',
      `${at}/states/raid`,
      'node:set_raid_state',
      'No RAID yet',
      () => {
        throw errors.NotAcceptable('RAID needs microversion 1.12 or newer.');
      },
      { until: '1.11' },
    ),
    guardedBody(
      'PUT',
      `${at}/states/boot_mode`,
      'node:set_boot_mode',
      'Set the boot mode',
      targetSchema,
      states.setBootMode,
      { since: '1.76' },
    ),
    guardedBody(
      'PUT',
      `${at}/states/secure_boot`,
      'node:set_secure_boot',
      'Set secure boot',
      secureBootSchema,
      states.setSecureBoot,
      { since: '1.76' },
    ),
    guarded(
      'PUT',
      '/v1/nodes/:node/maintenance',
      'node:set_maintenance',
      'Take a node out of use',
      states.setMaintenance,
      { payload: 'any' },
    ),
    guarded(
      'DELETE',
      '/v1/nodes/:node/maintenance',
      'node:clear_maintenance',
      'Put a node back into use',
      states.clearMaintenance,
    ),
    guarded('GET', '/v1/nodes/:node/management/boot_device', 'node:get_boot_device', 'Boot device', states.bootDevice),
    guardedBody(
      'PUT',
      `${at}/management/boot_device`,
      'node:set_boot_device',
      'Set the boot device',
      bootDeviceSchema,
      states.setBootDevice,
      { asks: ['persistent'] },
    ),
    guarded(
      'GET',
      '/v1/nodes/:node/management/boot_device/supported',
      'node:get_boot_device',
      'Boot devices the node knows',
      states.supportedBootDevices,
    ),
    guarded(
      'PUT',
      '/v1/nodes/:node/management/inject_nmi',
      'node:inject_nmi',
      'Inject a non-maskable interrupt',
      states.injectNmi,
      { since: '1.29', payload: 'any' },
    ),
  ];
}

/** How a microversion refuses what came after it. */
function refuse(status: 404 | 405 | 406) {
  return (): Answer => {
    if (status === 406) throw errors.NotAcceptable('Traits need microversion 1.37 or newer.');
    throw status === 405 ? errors.NotAllowed() : errors.NotFound();
  };
}

export function nodePartRoutes(parts: Parts): Route[] {
  const logs = agentLogHandlers(parts);
  const calls = bmcCallHandlers(parts);
  const consoles = consoleHandlers(parts);
  const of = nodePartHandlers(parts);
  const at = '/v1/nodes/:node';
  const old = { until: '1.36' };
  return [
    guarded('GET', '/v1/nodes/validate', 'node:validate', 'Validate a node (by query)', of.validate, {
      asks: ['node', 'node_uuid'],
    }),
    guarded('GET', `${at}/validate`, 'node:validate', 'Validate a node', of.validate),
    guarded('GET', `${at}/traits`, 'node:traits:list', 'Traits', of.traits, { since: '1.37' }),
    guardedBody('PUT', `${at}/traits`, 'node:traits:set', 'Replace the traits', traitsSchema, of.setTraits, {
      since: '1.37',
    }),
    guarded('DELETE', `${at}/traits`, 'node:traits:delete', 'Remove all traits', of.removeTraits, { since: '1.37' }),
    guarded('PUT', `${at}/traits/:trait`, 'node:traits:set', 'Add a trait', of.addTrait, {
      since: '1.37',
      payload: 'any',
    }),
    guarded('DELETE', `${at}/traits/:trait`, 'node:traits:delete', 'Remove a trait', of.removeTrait, { since: '1.37' }),
    // Before there were traits each method was refused in its own way, and clients tell by that.
    guarded('GET', `${at}/traits`, 'node:traits:list', 'No traits yet', refuse(406), old),
    guarded('PUT', `${at}/traits`, 'node:traits:set', 'No traits yet', refuse(405), old),
    guarded('DELETE', `${at}/traits`, 'node:traits:delete', 'No traits yet', refuse(404), old),
    guarded('PUT', `${at}/traits/:trait`, 'node:traits:set', 'No traits yet', refuse(405), old),
    guarded('DELETE', `${at}/traits/:trait`, 'node:traits:delete', 'No traits yet', refuse(404), old),

    guarded('GET', `${at}/vifs`, 'node:vif:list', 'Virtual interfaces', of.vifs, { since: '1.28' }),
    guardedBody('POST', `${at}/vifs`, 'node:vif:attach', 'Attach a virtual interface', vifSchema, of.attachVif, {
      since: '1.28',
    }),
    guarded('DELETE', `${at}/vifs/:vif`, 'node:vif:detach', 'Detach a virtual interface', of.detachVif, {
      since: '1.28',
    }),
    guarded('GET', `${at}/history`, 'node:history:get', 'History', of.history, {
      since: '1.78',
      asks: ['detail', 'limit', 'marker'],
    }),
    guarded('GET', `${at}/history/:entry`, 'node:history:get', 'An entry of the history', of.historyEntry, {
      since: '1.78',
    }),
    guarded('GET', `${at}/inventory`, 'node:inventory:get', 'Inventory that inspection found', of.inventory, {
      since: '1.81',
    }),
    guarded('GET', `${at}/states/console`, 'node:get_console', 'Console', consoles.show),
    guarded('GET', '/v1/nodes/states/console/:node', 'node:get_console', 'Console (old path)', consoles.show),
    guardedBody(
      'PUT',
      `${at}/states/console`,
      'node:set_console_state',
      'Switch the console',
      consoleSchema,
      consoles.set,
    ),
    guarded(
      'GET',
      `${at}/agent_logs`,
      'node:history:get',
      'Logs of ramdisks kept with failures (not in Ironic)',
      logs.list,
    ),
    guarded('GET', `${at}/agent_logs/:operation`, 'node:history:get', 'Such logs: a gzipped tar', logs.show),
    guarded(
      'GET',
      `${at}/bmc_calls`,
      'node:history:get',
      'Operations that spoke to the BMC (not in Ironic)',
      calls.list,
    ),
    guarded('GET', `${at}/bmc_calls/:operation`, 'node:history:get', 'What one of them said to it', calls.show),
    guarded('GET', `${at}/why`, 'node:history:get', 'Why a node is where it is (not in Ironic)', of.why),
    guarded('GET', `${at}/children`, 'node:get', 'Nodes inside of a node', of.children, { since: '1.83' }),
    guarded('GET', '/v1/shards', 'shards:get', 'Shards', of.shards, { since: '1.82' }),
  ];
}

export function equipmentRoutes(parts: Parts): Route[] {
  const of = equipmentHandlers(parts);
  const at = '/v1/nodes/:node';
  const lights = `${at}/management/indicators`;
  const light = `${lights}/:component/:indicator`;
  const see = 'node:get_indicator_state';
  return [
    guarded('GET', `${at}/bios`, 'node:bios:get', 'BIOS settings', of.bios, {
      since: '1.40',
      asks: ['detail', 'fields'],
    }),
    guarded('GET', `${at}/bios/:setting`, 'node:bios:get', 'A BIOS setting', of.biosSetting, { since: '1.40' }),
    guarded('GET', `${at}/firmware`, 'node:firmware:get', 'Firmware versions', of.firmware, { since: '1.86' }),
    guarded('GET', lights, see, 'Parts that have indicators', of.components, { since: '1.63' }),
    // INDICATOR@COMPONENT stands where a component does.
    guarded('GET', `${lights}/:component`, see, 'Indicators of a part, or the state of one', of.indicatorsOf, {
      since: '1.63',
    }),
    guardedBody(
      'PUT',
      `${lights}/:component`,
      'node:set_indicator_state',
      'Switch an indicator',
      indicatorSchema,
      of.setIndicator,
      { since: '1.63' },
    ),
    guarded('GET', light, see, 'State of an indicator', of.indicator, { since: '1.63' }),
    guardedBody('PUT', light, 'node:set_indicator_state', 'Switch an indicator', indicatorSchema, of.setIndicator, {
      since: '1.63',
    }),
    guarded('GET', `${at}/vendor_passthru/methods`, 'node:vendor_passthru', 'Vendor methods', of.vendorMethods),
    // Clients write the method's name as a part of the path, or as a query.
    ...([`${at}/vendor_passthru`, `${at}/vendor_passthru/:method`] as const).flatMap((path) =>
      (['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const).map((method) =>
        guarded(method, path, 'node:vendor_passthru', 'Call a vendor method', of.vendorPassthru, {
          payload: 'any',
          asks: 'any',
        }),
      ),
    ),
    guarded('GET', `${at}/vmedia`, 'node:vmedia:get', 'Virtual media', of.media, { since: '1.93' }),
    guarded('GET', `${at}/vmedia`, 'node:vmedia:get', 'Not yet', refuse(404), { until: '1.92' }),
    guardedBody('POST', `${at}/vmedia`, 'node:vmedia:attach', 'Attach a virtual medium', mediaSchema, of.attachMedia, {
      since: '1.89',
    }),
    guarded('DELETE', `${at}/vmedia`, 'node:vmedia:detach', 'Detach virtual media', of.detachMedia, {
      since: '1.89',
      asks: ['device_types'],
    }),
  ];
}
