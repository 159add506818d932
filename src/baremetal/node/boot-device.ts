// The boot device that a machine is to keep, for BMCs that lose it when the power goes: told again before each start.

import { type BootDevice, bootDevices } from '../../hardware/index.ts';
import type { Parts } from '../parts.ts';
import type { JsonObject, NodeRow, NodeUpdate } from '../store.ts';

type Kept = Pick<NodeRow, 'driver' | 'driver_info' | 'driver_internal_info'>;

/** Does the node's BMC lose it? */
export function losesBootDevice(parts: Pick<Parts, 'hardware'>, { driver, driver_info: info }: Kept): boolean {
  return parts.hardware.get(driver)?.losesBootDevice?.(info) === true;
}

/** The device that the machine is to start from now; undefined: the BMC knows it, from somebody who has just told it. */
export function bootDeviceToTell(parts: Pick<Parts, 'hardware'>, node: Kept): BootDevice | undefined {
  const { persistent_boot_device: device, is_next_boot_persistent: lasting = true } = node.driver_internal_info;
  if (!losesBootDevice(parts, node) || lasting === false) return undefined;
  return bootDevices.find((one) => one === device);
}

/** Notes what the BMC was told, in Ironic's words. */
export function bootDeviceTold({ driver_internal_info: internal }: Kept, device: BootDevice, persistent: boolean) {
  return noted(internal, {
    ...(persistent ? { persistent_boot_device: device } : {}),
    is_next_boot_persistent: persistent,
  });
}

/** Notes that the machine has started: a device for one start is spent. */
export function bootDeviceSpent({ driver_internal_info: internal }: Kept): NodeUpdate {
  return noted(internal, { is_next_boot_persistent: true });
}

const noted = (internal: JsonObject, more: JsonObject): NodeUpdate => ({
  driver_internal_info: JSON.stringify({ ...internal, ...more }),
});
