// How long the operations on nodes may take, from start to end.
import type { BaremetalConfig } from '../parts.ts';
import type { NodeOperation } from './provision.ts';

const minute = 60_000;

/** Milliseconds; waits that the steps themselves ask for come on top. */
export function deadlineMs(config: BaremetalConfig, kind: NodeOperation): number {
  switch (kind) {
    case 'node.verify':
    case 'node.adopt':
      return 5 * minute;
    case 'node.power':
    case 'node.reapply':
      return 10 * minute;
    case 'node.clean':
    case 'node.undeploy':
      return config.ramdiskTimeoutMs + 24 * 60 * minute;
    case 'node.inspect':
    case 'node.step':
    case 'node.deploy':
    case 'node.rescue':
    case 'node.unrescue':
    case 'node.service':
      return config.ramdiskTimeoutMs + config.agentCommandTimeoutMs + 10 * minute;
  }
}
