// Takes down what was found in a machine: as the hooks derive it, as the rules then have it.

import { inspected } from '../inspection-hook/hooks.ts';
import { draftOf, keepPorts, keepReport, portsOf } from '../inspection-hook/keep.ts';
import { bootModeOf, type Report } from '../inspection-hook/report.ts';
import type { ApiCall } from '../inspection-rule/actions.ts';
import { callApis } from '../inspection-rule/call-api.ts';
import type { Parts } from '../parts.ts';
import { ruledNode } from './inspection-rules.ts';
import type { NodeWork } from './node-work.ts';

/** Writes node, ports and inventory in one transaction, then calls whom the rules say. Throws OperationFailed. */
export async function keepFindings(parts: Parts, work: NodeWork, report: Report): Promise<void> {
  let calls: readonly ApiCall[] = [];
  await work.changeWith(async (node, tx) => {
    const ports = await portsOf(tx, node.uuid);
    const found = inspected(parts.config.inspection, report, {
      properties: node.properties,
      ports: ports.map(draftOf),
    });
    await keepPorts(tx, node.uuid, ports, found.ports);
    const ruled = await ruledNode(parts, tx, { ...node, properties: found.properties }, found);
    await keepReport(tx, node.uuid, { report, pluginData: ruled.pluginData });
    calls = ruled.calls;
    const bootMode = bootModeOf(report);
    return {
      properties: JSON.stringify(found.properties),
      ...ruled.change,
      inspection_finished_at: new Date(),
      ...(bootMode === undefined ? {} : { boot_mode: bootMode }),
    };
  });
  await callApis(calls);
}
