// node.undeploy: takes the instance off a machine and makes it fit for the next.
import type { Json, OperationContext } from '../../operations/index.ts';
import { moved } from '../node/change.ts';
import { cleansItself } from '../node/provision.ts';
import type { Parts } from '../parts.ts';
import { type NodeRow, tables } from '../store.ts';
import { type Cleaning, cleanAutomatically, cleaningOf } from './clean.ts';
import { textInput } from './input.ts';
import { type NodeWork, nodeWork } from './node-work.ts';
import { switchOff } from './ramdisk.ts';

export function undeployNode(parts: Parts) {
  return async (context: OperationContext, input: Json): Promise<Json> => {
    const work = nodeWork(parts, context, textInput(input, 'node'));
    const plan = await context.step('take off', () => takeOff(parts, work), { reason: 'switching the machine off' });
    if (plan === null) return { cleaned: false };
    await cleanAutomatically(parts, context, work, plan);
    return { cleaned: true };
  };
}

/** Off first, then the instance is forgotten. What is to follow: nothing, or cleaning. */
async function takeOff(parts: Parts, work: NodeWork): Promise<Cleaning | null> {
  const node = await work.take();
  parts.consoles.disconnect(node.uuid);
  const power = node.disable_power_off ? {} : { power_state: await switchOff(parts, work) };
  if (node.boot_interface === 'redfish-virtual-media') {
    await work.effect('eject the boot ISO', ({ virtualMedia }) => virtualMedia.eject());
  }
  const cleans = cleansItself(parts, node);
  await work.changeWith(async (now, tx) => {
    await tables(tx).deleteFrom('baremetal_agents').where('node_uuid', '=', now.uuid).execute();
    if (now.allocation_uuid !== null) {
      await tables(tx).deleteFrom('baremetal_allocations').where('uuid', '=', now.allocation_uuid).execute();
    }
    return { ...power, ...forgotten(now), ...(cleans ? moved(now, 'clean', parts.host) : {}) };
  });
  return cleans ? cleaningOf(parts, node) : null;
}

/** The columns of a node without its instance. */
function forgotten(node: NodeRow) {
  const { image_written: _written, ...internal } = node.driver_internal_info;
  return {
    instance_info: '{}',
    instance_uuid: null,
    instance_name: null,
    config_drive: null,
    rescue_password: null,
    allocation_uuid: null,
    deploy_step: '{}',
    driver_internal_info: JSON.stringify(internal),
  };
}
