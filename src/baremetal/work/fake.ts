// Tells fake hardware from real: it has neither ramdisk nor disk, and takes its time by itself.
import type { FakeHardware } from '../../hardware/index.ts';

export function isFake(driver: object): driver is FakeHardware {
  return 'pause' in driver;
}

/** How a node's disk is reached. */
export function throughOf(node: { deploy_interface: string | null }): 'fake' | 'agent' {
  return node.deploy_interface === 'fake' ? 'fake' : 'agent';
}
