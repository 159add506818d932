// Tells partition images from whole-disk images, and what instance_info asks for with either.
import type { ImageInfo } from '../../agent/index.ts';
import { OperationFailed } from '../../operations/index.ts';
import type { ImageFacts } from '../parts.ts';
import type { NodeRow } from '../store.ts';
import { bootModeFor, capability } from './capabilities.ts';

type Info = NodeRow['instance_info'];

/**
 * As Ironic tells them: `image_type` of instance_info counts, then `img_type` of the image, then whether a kernel and a ramdisk belong to it.
 * Throws OperationFailed for a type that is neither.
 */
export function isPartitionImage(info: Info, image: Pick<ImageFacts, 'properties'> | undefined): boolean {
  const said = info.image_type ?? image?.properties.img_type;
  if (said === undefined || said === null) {
    return image
      ? Boolean(image.properties.kernel_id && image.properties.ramdisk_id)
      : Boolean(info.kernel && info.ramdisk);
  }
  if (said === 'partition') return true;
  if (said === 'whole-disk' || said === 'whole-disk-image') return false;
  throw new OperationFailed(`The image type ${String(said)} is not known.`, 'Set it to partition or whole-disk.');
}

/** Throws OperationFailed for partitions that a whole-disk image does not leave room for. */
export function wholeDiskFor(node: NodeRow, rebuild: boolean): Partial<ImageInfo> {
  const { swap_mb: swap, ephemeral_gb: ephemeral, preserve_ephemeral: preserve } = node.instance_info;
  if (Number(swap ?? 0) > 0 || Number(ephemeral ?? 0) > 0) {
    throw new OperationFailed(
      'Cannot deploy whole disk image with swap or ephemeral size set.',
      'Remove swap_mb and ephemeral_gb from instance_info, or choose a partition image.',
    );
  }
  // The state of a golden image outlives a rebuild unless somebody says otherwise.
  return { image_type: 'whole-disk', preserve_ephemeral: rebuild && preserve !== false && preserve !== 'false' };
}

/** The partitions that instance_info asks for. Throws OperationFailed naming the key that is missing or wrong. */
export function partitionsFor(node: NodeRow, rebuild: boolean): Partial<ImageInfo> {
  const info = node.instance_info;
  if (info.root_gb === undefined || info.root_gb === null) {
    throw new OperationFailed(
      `Cannot validate image information for node ${node.uuid} because one or more parameters are missing from its instance_info. Missing are: ['root_gb'].`,
      'Set root_gb, the size of the root partition in GiB, in instance_info.',
    );
  }
  const rootGb = size(info, 'root_gb');
  if (rootGb === 0) throw invalid('root_gb', '0 is no size for a root partition', 'Give its size in GiB.');
  const label = capability(node, 'disk_label');
  if (label !== undefined && label !== 'gpt' && label !== 'msdos') {
    throw invalid('disk_label', `${label} is none of gpt, msdos`, 'Correct the capability disk_label.');
  }
  const option = capability(node, 'boot_option');
  if (option !== undefined && option !== 'local') {
    throw invalid(
      'boot_option',
      `partition images are started from the disk, not by ${option}`,
      'Set boot_option to local and use an image that brings its boot loader.',
    );
  }
  const mode = bootModeFor(node);
  const format = info.ephemeral_format;
  return {
    image_type: 'partition',
    root_mb: rootGb * 1024,
    swap_mb: size(info, 'swap_mb'),
    ephemeral_mb: size(info, 'ephemeral_gb') * 1024,
    ephemeral_format: typeof format === 'string' && format !== '' ? format : 'ext4',
    preserve_ephemeral: rebuild && /^(true|1|yes|on|t|y)$/i.test(String(info.preserve_ephemeral ?? false)),
    boot_option: 'local',
    node_uuid: node.uuid,
    ...(label === undefined ? {} : { disk_label: label }),
    ...(mode === undefined ? {} : { deploy_boot_mode: mode }),
  };
}

function size(info: Info, key: 'root_gb' | 'swap_mb' | 'ephemeral_gb'): number {
  const value = info[key] ?? 0;
  const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
  if (typeof number === 'number' && Number.isInteger(number) && number >= 0) return number;
  throw invalid(key, `${String(value)} is not an integer value`, 'Give a whole number, 0 for none.');
}

function invalid(key: string, reason: string, hint: string): OperationFailed {
  return new OperationFailed(
    `Cannot validate parameter for driver deploy. Invalid parameter ${key}. Reason: ${reason}.`,
    hint,
  );
}
