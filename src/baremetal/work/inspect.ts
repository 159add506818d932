// node.inspect: learns what a machine has, from its BMC or from inside.
import type { HardwareInventory } from '../../hardware/index.ts';
import { type Json, type OperationContext, OperationFailed } from '../../operations/index.ts';
import { type Report, reportOf } from '../inspection-hook/report.ts';
import { agentOf } from '../machine/agent-client.ts';
import type { Parts } from '../parts.ts';
import { tables } from '../store.ts';
import { agentCommand } from './agent-command.ts';
import { keepFindings } from './findings.ts';
import { flagInput, textInput } from './input.ts';
import { type NodeWork, nodeWork } from './node-work.ts';
import { awaitRamdisk, leaveRamdisk, startRamdisk } from './ramdisk.ts';

export function inspectNode(parts: Parts) {
  return async (context: OperationContext, input: Json): Promise<Json> => {
    const work = nodeWork(parts, context, textInput(input, 'node'));
    const through = await context.step('inspect', () => outOfBand(parts, work), {
      reason: 'reading the hardware from the BMC',
    });
    if (through === 'done') return { through: 'bmc' };
    const bootedByOthers = flagInput(input, 'bootedByOthers');
    if (bootedByOthers) await awaitRamdisk(parts, context, work, 'inspect');
    else await startRamdisk(parts, context, work, 'inspect');
    await context.step('read inventory', () => inBand(parts, context, work), {
      reason: 'reading the hardware from inside',
    });
    if (bootedByOthers) return { through: 'ramdisk' };
    await context.step('power off after inspection', () => leaveRamdisk(parts, work), {
      reason: 'switching the machine off',
    });
    return { through: 'ramdisk' };
  };
}

async function outOfBand(parts: Parts, work: NodeWork): Promise<'done' | 'agent'> {
  const node = await work.take();
  if (node.inspect_interface === 'agent') return 'agent';
  const found = await work.look(({ inspection }) => inspection.inventory());
  await keepFindings(parts, work, reportOfBmc(found));
  return 'done';
}

async function inBand(parts: Parts, context: OperationContext, work: NodeWork): Promise<null> {
  await work.move('resume', { awaiting: null, state_deadline_at: null });
  const agent = await agentOf(parts, work.uuid);
  if (agent.stock) {
    await keepFindings(parts, work, await sentReport(parts, work));
    return null;
  }
  const answer = await agentCommand(parts, context, work, { name: 'undercloud.inspect', params: {}, ordinal: 0 });
  await keepFindings(parts, work, reportOf(answer.command_result ?? {}));
  return null;
}

/** What a stock agent has sent before its first lookup: it has no command for this. */
async function sentReport(parts: Parts, work: NodeWork): Promise<Report> {
  const { inspection_started_at: since } = await work.read();
  const row = await tables(parts.database)
    .selectFrom('baremetal_inventories')
    .select(['report', 'updated_at'])
    .where('node_uuid', '=', work.uuid)
    .executeTakeFirst();
  if (!row || (since !== null && row.updated_at < since)) {
    throw new OperationFailed(
      'The ramdisk has sent no inventory.',
      'Give it the collectors that inspection needs: ipa-inspection-collectors=default in kernel_append_params.',
    );
  }
  return reportOf(row.report);
}

/** What a BMC tells, as a ramdisk would report it. */
function reportOfBmc(found: HardwareInventory): Report {
  const disks = found.disks.map(({ name, sizeBytes, model }) => ({ name, size: sizeBytes, model }));
  const [largest = null] = [...disks].sort((a, b) => b.size - a.size);
  return reportOf({
    inventory: {
      cpu: { model_name: found.cpuModel, count: found.cpuCount, architecture: found.cpuArch },
      memory: { physical_mb: found.memoryMb },
      disks,
      interfaces: found.macs.map((mac, index) => ({ name: `NIC ${index + 1}`, mac_address: mac })),
      system_vendor: {
        manufacturer: found.manufacturer,
        product_name: found.model,
        serial_number: found.serialNumber,
        firmware: { vendor: null, version: found.biosVersion, build_date: null },
      },
      bmc_version: found.bmcVersion,
      ...(found.bootMode === null ? {} : { boot: { current_boot_mode: found.bootMode } }),
    },
    root_disk: largest,
  });
}
