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
    ...(textOf(info, 'image_type') === 'partition' ? partitionsOf(info) : {}),
  };
}

/** What a partition image's disk is to hold. Sizes come as numbers or as digits. */
function partitionsOf(info: Json): Partial<ImageInfo> {
  const size = (key: 'root_mb' | 'swap_mb' | 'ephemeral_mb'): number => {
    const value = Number(info[key] ?? 0);
    if (!Number.isInteger(value) || value < 0) throw new AgentError('invalidParams', `${key} must be a whole number`);
    return value;
  };
  const oneOf = <Choice extends string>(key: string, choices: readonly Choice[]): Choice | null => {
    const value = textOf(info, key);
    const known = choices.find((choice) => choice === value);
    if (value && !known) throw new AgentError('invalidParams', `${key} ${value} is none of ${choices.join(', ')}`);
    return known ?? null;
  };
  return {
    image_type: 'partition',
    root_mb: size('root_mb'),
    swap_mb: size('swap_mb'),
    ephemeral_mb: size('ephemeral_mb'),
    ephemeral_format: textOf(info, 'ephemeral_format') ?? null,
    disk_label: oneOf('disk_label', ['gpt', 'msdos']),
    deploy_boot_mode: oneOf('deploy_boot_mode', ['bios', 'uefi']),
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
