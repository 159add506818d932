// Reads the parameters of commands into the protocol's types.
import { AgentError } from '../errors.ts';
import { isObject, type Json, listOf, numberOf, objectOf, requiredText, textOf, truthOf } from '../parse.ts';
import type { ConfigDriveContents, ImageInfo } from '../protocol.ts';

/** Throws AgentError `malformed` or `invalidParams`, naming the member. */
export function parseImageInfo(info: Json): ImageInfo {
  const urls = listOf(info, 'urls').filter((url): url is string => typeof url === 'string' && /^https?:/.test(url));
  if (urls.length === 0) throw new AgentError('invalidParams', 'image_info.urls holds no http URL');
  const properties = objectOf(info, 'properties') ?? {};
  const layout = info.undercloud_layout ?? properties.undercloud_layout;
  if (textOf(info, 'image_type') === 'partition') {
    throw new AgentError(
      'unsupported',
      'partition images are not written by this agent: use a whole-disk or golden image',
    );
  }
  return {
    id: requiredText(info, 'id', 'image_info'),
    urls,
    disk_format: textOf(info, 'disk_format') ?? null,
    container_format: textOf(info, 'container_format') ?? null,
    checksum: textOf(info, 'checksum') ?? null,
    os_hash_algo: textOf(info, 'os_hash_algo') ?? null,
    os_hash_value: textOf(info, 'os_hash_value') ?? null,
    size: numberOf(info, 'size') ?? null,
    preserve_ephemeral: truthOf(info, 'preserve_ephemeral'),
    undercloud_layout: typeof layout === 'number' || typeof layout === 'string' ? layout : null,
    properties,
  };
}

export function parseConfigDriveContents(value: Json): ConfigDriveContents {
  const userData = value.user_data;
  const part = (key: 'meta_data' | 'network_data' | 'vendor_data') => {
    const content = value[key];
    if (content === undefined || content === null) return {};
    if (!isObject(content)) throw new AgentError('invalidParams', `configdrive.${key} must be an object`);
    return { [key]: content };
  };
  return {
    ...part('meta_data'),
    ...part('network_data'),
    ...part('vendor_data'),
    ...(typeof userData === 'string' || isObject(userData) ? { user_data: userData } : {}),
  };
}
