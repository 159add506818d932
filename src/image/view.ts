// Images and members as JSON of the Image API v2.
import type { Image } from './image.ts';
import type { Member } from './members.ts';

/** The one store that there is, as the API names it. */
export const storeId = 'chunks';

/** Image API v2, "Show image". Custom properties stand beside the others, as the API has them. */
export function imageView(image: Image): Record<string, unknown> {
  return {
    ...image.properties,
    id: image.id,
    name: image.name,
    owner: image.owner,
    status: image.status,
    visibility: image.visibility,
    disk_format: image.diskFormat,
    container_format: image.containerFormat,
    min_disk: image.minDiskGb,
    min_ram: image.minRamMb,
    protected: image.protected,
    os_hidden: image.hidden,
    size: image.sizeBytes,
    virtual_size: image.virtualSizeBytes,
    checksum: image.checksum,
    os_hash_algo: image.osHashAlgo,
    os_hash_value: image.osHashValue,
    tags: image.tags,
    created_at: second(image.createdAt),
    updated_at: second(image.updatedAt),
    ...(image.checksum === null ? {} : { stores: storeId }),
    self: `/v2/images/${image.id}`,
    file: `/v2/images/${image.id}/file`,
    schema: '/v2/schemas/image',
  };
}

export function memberView(member: Member): Record<string, unknown> {
  return {
    image_id: member.imageId,
    member_id: member.member,
    status: member.status,
    created_at: second(member.createdAt),
    updated_at: second(member.updatedAt),
    schema: '/v2/schemas/member',
  };
}

/** ISO 8601 in whole seconds. */
export function second(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}
