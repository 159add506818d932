// Rules of compute, image, identity and volume types.
import type { Plain, TypeRules } from '../../template/index.ts';
import { all, conflict, maps, notBoth, onlyFor, quota, type Rule, refused, truthy } from './rule.ts';

const given = (value: Plain | undefined): boolean => value !== null && value !== undefined;

/** Where a server boots from. */
const bootSources: Rule = ({ name, property }) => {
  const old = maps(property('block_device_mapping'));
  const next = maps(property('block_device_mapping_v2'));
  if (old.length > 0 && next.length > 0) throw conflict('block_device_mapping', 'block_device_mapping_v2');
  const image = property('image');
  let bootable = image !== null;
  for (const { device_name: device = null, volume_id: volume, snapshot_id: snapshot } of old) {
    if (device === 'vda') bootable = true;
    if (given(volume) && given(snapshot)) throw conflict('volume_id', 'snapshot_id');
    if (!given(volume) && !given(snapshot))
      throw refused(`Either volume_id or snapshot_id must be specified for device mapping ${String(device)}`);
  }
  let devices = image === null ? 0 : 1;
  for (const mapping of next) {
    const bootSource = [mapping.volume_id, mapping.snapshot_id, mapping.image ?? mapping.image_id].filter(given);
    const ephemeral = truthy(mapping.ephemeral_size ?? null) || given(mapping.ephemeral_format);
    const sources = bootSource.length + (given(mapping.swap_size) ? 1 : 0) + (ephemeral ? 1 : 0);
    if (sources > 1)
      throw conflict('volume_id', 'snapshot_id', 'image', 'swap_size', 'ephemeral_size', 'ephemeral_format');
    if (sources === 0)
      throw refused(
        'Either volume_id, snapshot_id, image_id, swap_size, ephemeral_size or ephemeral_format must be specified.',
      );
    if (bootSource.length > 0 && (!given(mapping.boot_index) || mapping.boot_index === 0)) {
      bootable = true;
      devices += bootSource.length;
    }
  }
  if (!bootable) throw refused(`Neither image nor bootable volume is specified for instance ${name}`);
  if (next.length > 0 && devices !== 1) throw refused(`Multiple bootable sources for instance ${name}.`);
};

const serverNetworks: Rule = ({ name, property }) => {
  const networks = maps(property('networks'));
  for (const network of networks) {
    const net = network.network ?? network.uuid;
    const { port, subnet, fixed_ip: fixed = null, allocate_network: allocate = null } = network;
    if (!given(net) && !given(port) && !given(subnet) && !truthy(allocate))
      throw refused(
        `One of the properties "network", "port", "allocate_network" or "subnet" should be set for the specified network of server "${name}".`,
      );
    if (truthy(allocate) && Object.values(network).filter(given).length !== 1)
      throw refused('Can not specify "allocate_network" with other keys of networks at the same time.');
    if (truthy(fixed) && given(port)) throw conflict('networks/fixed_ip', 'networks/port');
    if (given(network.floating_ip) && given(net) && !given(port) && !given(subnet))
      throw refused(
        'Property "floating_ip" is not supported if only "network" is specified, because the corresponding port can not be retrieved.',
      );
  }
  if (networks.some((network) => truthy(network.allocate_network ?? null)) && networks.length !== 1)
    throw refused('Property "allocate_network" can not be specified if multiple network interfaces set for server.');
  if (networks.some(({ port }) => given(port)) && truthy(property('security_groups')))
    throw conflict('security_groups', 'networks/port');
};

const noDeploymentsInMetadata: Rule = ({ property, metadata }) => {
  if (property('user_data_format') === 'SOFTWARE_CONFIG' && 'deployments' in metadata())
    throw refused('deployments key not allowed in resource metadata with user_data_format of SOFTWARE_CONFIG');
};

const matchingFormats: Rule = ({ property }) => {
  const container = property('container_format');
  if (['ami', 'ari', 'aki'].some((format) => format === container) && property('disk_format') !== container)
    throw refused(
      "Invalid mix of disk and container formats. When setting a disk or container format to one of 'aki', 'ari', or 'ami', the container and disk formats must match.",
    );
};

const roleScopes: Rule = ({ property }) => {
  for (const { role = null, project, domain } of maps(property('roles'))) {
    if (given(project) && given(domain)) throw conflict('project', 'domain');
    if (!given(project) && !given(domain))
      throw refused(`Either project or domain must be specified for role ${String(role)}`);
  }
};

const volumeSources: Rule = ({ property }) => {
  if (truthy(property('backup_id'))) return;
  const named = (names: string[]) => names.filter((name) => truthy(property(name)));
  const alone = named(['source_volid', 'snapshot_id']);
  const exclusive = [...named(['snapshot_id', 'source_volid']), ...named(['image', 'imageRef'])];
  const shown = `[${exclusive.map((name) => `'${name}'`).join(', ')}]`;
  if (property('size') === null && (alone.length !== 1 || exclusive.length !== 1))
    throw refused(
      `If neither "backup_id" nor "size" is provided, one and only one of "source_volid", "snapshot_id" must be specified, but currently specified options: ${shown}.`,
    );
  if (truthy(property('size')) && exclusive.length > 1)
    throw refused(
      `If "size" is provided, only one of "image", "imageRef", "source_volid", "snapshot_id" can be specified, but currently specified options: ${shown}.`,
    );
};

export const cloudRules: Readonly<Record<string, TypeRules>> = {
  'OS::Nova::Server': { after: all(noDeploymentsInMetadata, bootSources, serverNetworks) },
  'OS::Nova::Quota': {
    after: quota(
      'cores',
      'fixed_ips',
      'floating_ips',
      'injected_file_content_bytes',
      'injected_file_path_bytes',
      'injected_files',
      'instances',
      'key_pairs',
      'metadata_items',
      'ram',
      'security_group_rules',
      'security_groups',
      'server_group_members',
      'server_groups',
    ),
  },
  'OS::Glance::Image': { after: matchingFormats },
  'OS::Glance::WebImage': {
    after: all(matchingFormats, ({ property }) => {
      if (truthy(property('members')) && property('visibility') !== 'shared')
        throw onlyFor('members', 'visibility', 'shared');
    }),
  },
  'OS::Keystone::Group': { after: roleScopes },
  'OS::Keystone::User': { after: roleScopes },
  'OS::Keystone::UserRoleAssignment': { after: roleScopes },
  'OS::Keystone::GroupRoleAssignment': { after: roleScopes },
  'OS::Cinder::Quota': { after: quota('gigabytes', 'snapshots', 'volumes', 'backups', 'backup_gigabytes') },
  'OS::Cinder::Volume': { after: all(notBoth('image', 'imageRef', truthy), volumeSources) },
  'OS::Cinder::VolumeType': {
    after: ({ property }) => {
      if (truthy(property('projects')) && property('is_public') === true)
        throw refused('Can not specify property "projects" if the volume type is public.');
    },
  },
};
