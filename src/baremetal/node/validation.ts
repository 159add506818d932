// Whether a node has what its interfaces need.
import { HardwareError } from '../../hardware/index.ts';
import { atLeast, type Microversion } from '../../openstack/index.ts';
import { OperationFailed } from '../../operations/index.ts';
import type { Parts } from '../parts.ts';
import type { NodeRow } from '../store.ts';
import { describeImage } from '../work/image-info.ts';
import { driverInfoOf } from '../work/node-work.ts';
import { interfaceNames } from './schemas.ts';

/** For each interface: is what it needs there? `null` where the node has none. */
export async function validation(parts: Parts, node: NodeRow, version: Microversion): Promise<Record<string, unknown>> {
  const verdict = (check: () => unknown) => attempt(async () => check());
  const driver = await verdict(() => parts.hardware.get(node.driver)?.validate(driverInfoOf(parts, node)));
  const deploy =
    node.deploy_interface === 'fake' ? { result: true } : await attempt(() => describeImage(parts, node, false));
  const result: Record<string, unknown> = {};
  for (const name of interfaceNames) {
    if (name === 'firmware' && !atLeast(version, '1.86')) continue;
    if (name === 'vendor') continue;
    const chosen = node[`${name}_interface`];
    if (chosen === null || chosen.startsWith('no-')) result[name] = { result: null, reason: 'not supported' };
    else
      result[name] =
        name === 'deploy' ? deploy : ['power', 'management', 'inspect'].includes(name) ? driver : { result: true };
  }
  return result;
}

async function attempt(check: () => Promise<unknown>): Promise<{ result: boolean; reason?: string }> {
  try {
    await check();
    return { result: true };
  } catch (error) {
    if (error instanceof HardwareError || error instanceof OperationFailed)
      return { result: false, reason: `${error.message} ${error.hint}` };
    throw error;
  }
}
