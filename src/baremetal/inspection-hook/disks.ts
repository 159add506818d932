// Hooks that look at the machine's disks.
import { chooseRootDisk, plainDisk } from '../../agent/index.ts';
import { OperationFailed } from '../../operations/index.ts';
import { type Hook, type Inspected, setProperty } from './hook.ts';
import { type Disk, isDisk } from './report.ts';

const gibibyte = 2 ** 30;

/** The disk that the node's hints choose; without hints the one that the report names, else the smallest. */
function rootDisk({ inventory, pluginData, properties }: Inspected): Disk | undefined {
  const { root_device: hints } = properties;
  if (typeof hints === 'object' && hints !== null && Object.keys(hints).length > 0) {
    try {
      return chooseRootDisk(
        inventory.disks.map((disk) => plainDisk(disk.name, disk.size, disk)),
        Object(hints),
      );
    } catch (cause) {
      throw new OperationFailed(
        `No root disk: ${cause instanceof Error ? cause.message : String(cause)}.`,
        "Correct the node's root device hints.",
        { cause },
      );
    }
  }
  const { root_disk: told } = pluginData;
  if (isDisk(told)) return inventory.disks.find(({ name }) => name === told.name) ?? told;
  return [...inventory.disks].sort((a, b) => a.size - b.size)[0];
}

export const rootDevice: Hook = {
  name: 'root-device',
  summary: 'Property `local_gb`: the size of the root disk, chosen by root device hints where the node has some',
  run(inspected) {
    const disk = rootDisk(inspected);
    if (!disk) return;
    inspected.pluginData.root_disk = disk;
    setProperty(inspected, 'local_gb', Math.floor(disk.size / gibibyte));
  },
};

/** Before the array is made this notes the disks, and after it finds the one that is new. */
export const raidDevice: Hook = {
  name: 'raid-device',
  summary: 'Property `root_device`: the disk that is new since the inspection before, such as a RAID array',
  run({ inventory, properties }) {
    if (properties.root_device !== undefined) return;
    const serials = inventory.disks.flatMap(({ serial }) => serial ?? []);
    const { block_devices: before } = properties;
    const { serials: known }: Readonly<Record<string, unknown>> = Object(before);
    const fresh = Array.isArray(known) ? serials.filter((serial) => !known.includes(serial)) : [];
    if (fresh.length > 1)
      throw new OperationFailed(
        `Several disks are new: ${fresh.join(', ')}.`,
        'Say in properties.root_device which is the root disk.',
      );
    const [serial] = fresh;
    if (serial === undefined) {
      properties.block_devices = { serials };
      return;
    }
    properties.root_device = { serial };
    delete properties.block_devices;
  },
};
