// Says which image a node is to get, in the form that the agent understands.
import type { ImageInfo } from '../../agent/index.ts';
import { OperationFailed } from '../../operations/index.ts';
import { isUuid } from '../document/names.ts';
import type { ImageFacts, Parts } from '../parts.ts';
import type { NodeRow } from '../store.ts';
import { isPartitionImage, partitionsFor, wholeDiskFor } from './image-type.ts';

export type ImageToWrite = ImageInfo;

/** From instance_info (Ironic's keys: image_source, image_checksum, image_os_hash_*). Throws OperationFailed that names what is wrong. */
export async function describeImage(
  parts: Pick<Parts, 'images' | 'boot'>,
  node: NodeRow,
  rebuild: boolean,
): Promise<ImageToWrite> {
  const info = node.instance_info;
  const source = text(info.image_source)?.replace(/^glance:\/\/(v2\/images\/)?/, '');
  if (!source) {
    throw new OperationFailed(`Node ${node.uuid} has no image to deploy.`, 'Set image_source in its instance_info.');
  }
  const image = /^https?:\/\//.test(source) ? undefined : await serviceImage(parts, source);
  const rootDevice = object(info.root_device) ?? object(node.properties.root_device);
  return {
    ...(image ? fromService(image, parts, node) : fromUrl(source, node)),
    ...(isPartitionImage(info, image) ? partitionsFor(node, rebuild) : wholeDiskFor(node, rebuild)),
    ...(rootDevice ? { root_device: rootDevice } : {}),
  };
}

async function serviceImage(parts: Pick<Parts, 'images'>, source: string): Promise<ImageFacts> {
  const image = await parts.images.find(source);
  if (!image)
    throw new OperationFailed(`Image ${source} could not be found.`, 'List the images: openstack image list.');
  if (image.status !== 'active') {
    throw new OperationFailed(
      `Image ${source} is ${image.status}, not active.`,
      'Wait for its upload, or upload it again.',
    );
  }
  return image;
}

function fromService(image: ImageFacts, { boot }: Pick<Parts, 'boot'>, node: NodeRow): ImageToWrite {
  if (boot.machinesUrl === undefined) {
    throw new OperationFailed(
      'There is no provisioning network from which a machine could load its image.',
      'Start the program with --provision.',
    );
  }
  const diskGb = Number(node.properties.local_gb);
  if (Number.isFinite(diskGb) && diskGb > 0 && image.minDiskGb > diskGb) {
    throw new OperationFailed(
      `Image ${image.name ?? image.id} needs a disk of ${image.minDiskGb} GB, and node ${node.uuid} has ${diskGb} GB.`,
      'Choose another image or another node.',
    );
  }
  const layout = image.properties.undercloud_layout;
  return {
    id: image.id,
    urls: [`${boot.machinesUrl}/images/${image.id}`],
    disk_format: image.diskFormat,
    container_format: image.containerFormat,
    checksum: image.checksum,
    os_hash_algo: image.osHashAlgo,
    os_hash_value: image.osHashValue,
    size: image.sizeBytes,
    properties: { ...image.properties },
    ...(layout === undefined ? {} : { undercloud_layout: layout }),
  };
}

function fromUrl(url: string, node: NodeRow): ImageToWrite {
  const info = node.instance_info;
  const checksum = text(info.image_checksum) ?? null;
  const algorithm = text(info.image_os_hash_algo) ?? null;
  const value = text(info.image_os_hash_value) ?? null;
  if (checksum === null && value === null) {
    throw new OperationFailed(
      `Image ${url} has no checksum, so a damaged copy would go unnoticed.`,
      'Set image_os_hash_algo and image_os_hash_value, or image_checksum, in instance_info.',
    );
  }
  return {
    id: isUuid(text(info.image_id) ?? '') ? String(info.image_id) : url,
    urls: [url],
    disk_format: text(info.image_disk_format) ?? 'raw',
    container_format: text(info.image_container_format) ?? 'bare',
    checksum,
    os_hash_algo: algorithm,
    os_hash_value: value,
    size: null,
  };
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function object(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
}
