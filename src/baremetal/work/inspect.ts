// node.inspect: learns what a machine has, from its BMC or from inside.
import { randomUUID } from 'node:crypto';
import type { Transaction } from '../../database/index.ts';
import type { HardwareInventory } from '../../hardware/index.ts';
import { type Json, type OperationContext, OperationFailed } from '../../operations/index.ts';
import type { ApiCall } from '../inspection-rule/actions.ts';
import { callApis } from '../inspection-rule/call-api.ts';
import { agentOf } from '../machine/agent-client.ts';
import type { Parts } from '../parts.ts';
import { type JsonObject, tables } from '../store.ts';
import { agentCommand } from './agent-command.ts';
import { textInput } from './input.ts';
import { type Findings, findingsOfReport } from './inspection-report.ts';
import { ruledNode } from './inspection-rules.ts';
import { type NodeWork, nodeWork } from './node-work.ts';
import { powerOff, startRamdisk } from './ramdisk.ts';
import { keepLinks, switchLinks } from './switch-links.ts';

export function inspectNode(parts: Parts) {
  return async (context: OperationContext, input: Json): Promise<Json> => {
    const work = nodeWork(parts, context, textInput(input, 'node'));
    const through = await context.step('inspect', () => outOfBand(parts, work), {
      reason: 'reading the hardware from the BMC',
    });
    if (through === 'done') return { through: 'bmc' };
    await startRamdisk(parts, context, work, 'inspect');
    await context.step('read inventory', () => inBand(parts, context, work), {
      reason: 'reading the hardware from inside',
    });
    await context.step('power off after inspection', () => powerOff(parts, work), {
      reason: 'switching the machine off',
    });
    return { through: 'ramdisk' };
  };
}

async function outOfBand(parts: Parts, work: NodeWork): Promise<'done' | 'agent'> {
  const node = await work.take();
  if (node.inspect_interface === 'agent') return 'agent';
  const found = await work.look(({ inspection }) => inspection.inventory());
  await keep(parts, work, findingsOfBmc(found));
  return 'done';
}

async function inBand(parts: Parts, context: OperationContext, work: NodeWork): Promise<null> {
  await work.move('resume', { awaiting: null, state_deadline_at: null });
  const agent = await agentOf(parts, work.uuid);
  if (agent.stock) {
    await keep(parts, work, findingsOfReport(await sentReport(parts, work)));
    return null;
  }
  const answer = await agentCommand(parts, context, work, { name: 'undercloud.inspect', params: {}, ordinal: 0 });
  await keep(parts, work, findingsOfReport(answer.command_result ?? {}));
  return null;
}

/** What a stock agent has sent before its first lookup: it has no command for this. */
async function sentReport(parts: Parts, work: NodeWork): Promise<JsonObject> {
  const { inspection_started_at: since } = await work.read();
  const row = await tables(parts.database)
    .selectFrom('baremetal_inventories')
    .select(['inventory', 'updated_at'])
    .where('node_uuid', '=', work.uuid)
    .executeTakeFirst();
  if (!row || (since !== null && row.updated_at < since)) {
    throw new OperationFailed(
      'The ramdisk has sent no inventory.',
      'Give it the collectors that inspection needs: ipa-inspection-collectors=default in kernel_append_params.',
    );
  }
  return { inventory: row.inventory };
}

function findingsOfBmc(found: HardwareInventory): Findings {
  const largest = Math.max(0, ...found.disks.map(({ sizeBytes }) => sizeBytes));
  const properties: JsonObject = {
    ...(found.cpuCount === null ? {} : { cpus: found.cpuCount }),
    ...(found.cpuArch === null ? {} : { cpu_arch: found.cpuArch }),
    ...(found.memoryMb === null ? {} : { memory_mb: found.memoryMb }),
    ...(largest > 0 ? { local_gb: Math.floor(largest / 2 ** 30) } : {}),
    ...(found.manufacturer === null ? {} : { vendor: found.manufacturer }),
    ...(found.model === null ? {} : { model: found.model }),
  };
  return {
    properties,
    macs: found.macs,
    bootMode: found.bootMode,
    inventory: {
      cpu: { model_name: found.cpuModel, count: found.cpuCount, architecture: found.cpuArch },
      memory: { physical_mb: found.memoryMb },
      disks: found.disks.map(({ name, sizeBytes, model }) => ({ name, size: sizeBytes, model })),
      interfaces: found.macs.map((mac, index) => ({ name: `NIC ${index + 1}`, mac_address: mac })),
      system_vendor: {
        manufacturer: found.manufacturer,
        product_name: found.model,
        serial_number: found.serialNumber,
        firmware: { vendor: null, version: found.biosVersion, build_date: null },
      },
      bmc_version: found.bmcVersion,
    },
  };
}

/**
 * Writes the findings down, as the inspection rules have them: properties, inventory, a port for every NIC not known yet,
 * the switch ports that LLDP tells of; then calls whom the rules say.
 */
async function keep(parts: Parts, work: NodeWork, found: Findings): Promise<void> {
  const { properties, macs, bootMode, inventory } = found;
  let calls: readonly ApiCall[] = [];
  await work.change(async (node, tx) => {
    const known = { ...node, properties: { ...node.properties, ...properties } };
    for (const address of macs) {
      await tables(tx)
        .insertInto('baremetal_ports')
        .values({ uuid: randomUUID(), node_uuid: node.uuid, address })
        .onConflict((conflict) => conflict.column('address').doNothing())
        .execute();
    }
    await keepLinks(tx, node.uuid, switchLinks(inventory));
    const ruled = await ruledNode(parts, tx, known, found);
    await keepInventory(tx, node.uuid, inventory, ruled.pluginData);
    calls = ruled.calls;
    return {
      properties: JSON.stringify(known.properties),
      ...ruled.change,
      inspection_finished_at: new Date(),
      ...(bootMode === null ? {} : { boot_mode: bootMode }),
    };
  });
  await callApis(calls);
}

/** Replaces the node's inventory. */
export async function keepInventory(
  tx: Transaction,
  uuid: string,
  inventory: JsonObject,
  pluginData: JsonObject,
): Promise<void> {
  const row = { inventory: JSON.stringify(inventory), plugin_data: JSON.stringify(pluginData), updated_at: new Date() };
  await tables(tx)
    .insertInto('baremetal_inventories')
    .values({ node_uuid: uuid, ...row })
    .onConflict((conflict) => conflict.column('node_uuid').doUpdateSet(row))
    .execute();
}
