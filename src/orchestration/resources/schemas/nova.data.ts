// Resource types of OS::Nova: properties, constraints, update rules and attributes.
import type { ResourceTypeData } from '../../template/index.ts';

export const novaTypes: Readonly<Record<string, ResourceTypeData>> = {
  'OS::Nova::Flavor': {
    plugin: 'NovaFlavor',
    properties: {
      tenants: {
        type: 'List',
        default: [],
        update_allowed: true,
        schema: { '*': { type: 'String', constraints: [{ custom_constraint: 'keystone.project' }] } },
      },
      flavorid: { type: 'String' },
      name: { type: 'String' },
      ram: { type: 'Integer', required: true },
      vcpus: { type: 'Integer', required: true },
      disk: { type: 'Integer', default: 0 },
      swap: { type: 'Integer', default: 0 },
      ephemeral: { type: 'Integer', default: 0 },
      rxtx_factor: { type: 'Number', default: 1 },
      extra_specs: { type: 'Map', update_allowed: true },
      is_public: { type: 'Boolean', default: true },
    },
    attributes: { is_public: { type: 'Boolean' }, extra_specs: { type: 'Map' } },
    support: { status: 'SUPPORTED', version: '2014.2' },
  },
  'OS::Nova::FloatingIP': {
    plugin: 'NovaFloatingIp',
    properties: { pool: { type: 'String' } },
    attributes: { pool: { type: 'String' }, ip: { type: 'String' } },
    support: {
      status: 'HIDDEN',
      version: '11.0.0',
      previous_status: {
        status: 'DEPRECATED',
        version: '9.0.0',
        previous_status: { status: 'SUPPORTED', version: '2014.1' },
      },
    },
  },
  'OS::Nova::FloatingIPAssociation': {
    plugin: 'NovaFloatingIpAssociation',
    properties: {
      server_id: {
        type: 'String',
        required: true,
        update_allowed: true,
        constraints: [{ custom_constraint: 'nova.server' }],
      },
      floating_ip: { type: 'String', required: true, update_allowed: true },
    },
    attributes: {},
    support: {
      status: 'HIDDEN',
      version: '11.0.0',
      previous_status: {
        status: 'DEPRECATED',
        version: '9.0.0',
        previous_status: { status: 'SUPPORTED', version: '2014.1' },
      },
    },
  },
  'OS::Nova::HostAggregate': {
    plugin: 'HostAggregate',
    properties: {
      name: { type: 'String', required: true, update_allowed: true },
      availability_zone: { type: 'String', update_allowed: true },
      hosts: {
        type: 'List',
        update_allowed: true,
        schema: { '*': { type: 'String', constraints: [{ custom_constraint: 'nova.host' }] } },
      },
      metadata: { type: 'Map', default: {}, update_allowed: true },
    },
    attributes: {},
    support: { status: 'SUPPORTED', version: '6.0.0' },
  },
  'OS::Nova::KeyPair': {
    plugin: 'KeyPair',
    properties: {
      name: { type: 'String', required: true, constraints: [{ length: { min: 1, max: 255 } }] },
      save_private_key: { type: 'Boolean', default: false },
      public_key: { type: 'String' },
      type: { type: 'String', constraints: [{ allowed_values: ['ssh', 'x509'] }] },
      user: { type: 'String', constraints: [{ custom_constraint: 'keystone.user' }] },
    },
    attributes: { public_key: { type: 'String' }, private_key: { type: 'String' } },
    support: { status: 'SUPPORTED', version: '2014.1' },
  },
  'OS::Nova::Quota': {
    plugin: 'NovaQuota',
    properties: {
      project: { type: 'String', required: true, constraints: [{ custom_constraint: 'keystone.project' }] },
      cores: { type: 'Integer', update_allowed: true, constraints: [{ range: { min: -1 } }] },
      fixed_ips: { type: 'Integer', update_allowed: true, constraints: [{ range: { min: -1 } }] },
      floating_ips: { type: 'Integer', update_allowed: true, constraints: [{ range: { min: -1 } }] },
      instances: { type: 'Integer', update_allowed: true, constraints: [{ range: { min: -1 } }] },
      injected_files: { type: 'Integer', update_allowed: true, constraints: [{ range: { min: -1 } }] },
      injected_file_content_bytes: { type: 'Integer', update_allowed: true, constraints: [{ range: { min: -1 } }] },
      injected_file_path_bytes: { type: 'Integer', update_allowed: true, constraints: [{ range: { min: -1 } }] },
      key_pairs: { type: 'Integer', update_allowed: true, constraints: [{ range: { min: -1 } }] },
      metadata_items: { type: 'Integer', update_allowed: true, constraints: [{ range: { min: -1 } }] },
      ram: { type: 'Integer', update_allowed: true, constraints: [{ range: { min: -1 } }] },
      security_groups: { type: 'Integer', update_allowed: true, constraints: [{ range: { min: -1 } }] },
      security_group_rules: { type: 'Integer', update_allowed: true, constraints: [{ range: { min: -1 } }] },
      server_groups: { type: 'Integer', update_allowed: true, constraints: [{ range: { min: -1 } }] },
      server_group_members: { type: 'Integer', update_allowed: true, constraints: [{ range: { min: -1 } }] },
    },
    attributes: {},
    support: { status: 'SUPPORTED', version: '8.0.0' },
  },
  'OS::Nova::Server': {
    plugin: 'Server',
    properties: {
      name: { type: 'String', update_allowed: true },
      image: { type: 'String', update_allowed: true, constraints: [{ custom_constraint: 'glance.image' }] },
      block_device_mapping: {
        type: 'List',
        schema: {
          '*': {
            type: 'Map',
            schema: {
              device_name: { type: 'String', required: true },
              volume_id: { type: 'String', constraints: [{ custom_constraint: 'cinder.volume' }] },
              snapshot_id: { type: 'String', constraints: [{ custom_constraint: 'cinder.snapshot' }] },
              volume_size: { type: 'Integer' },
              delete_on_termination: { type: 'Boolean' },
            },
          },
        },
      },
      block_device_mapping_v2: {
        type: 'List',
        schema: {
          '*': {
            type: 'Map',
            schema: {
              device_name: { type: 'String' },
              volume_id: { type: 'String', constraints: [{ custom_constraint: 'cinder.volume' }] },
              image_id: { type: 'String', constraints: [{ custom_constraint: 'glance.image' }], hidden: true },
              image: { type: 'String', constraints: [{ custom_constraint: 'glance.image' }] },
              snapshot_id: { type: 'String', constraints: [{ custom_constraint: 'cinder.snapshot' }] },
              swap_size: { type: 'Integer' },
              ephemeral_size: { type: 'Integer', constraints: [{ range: { min: 1 } }] },
              ephemeral_format: {
                type: 'String',
                constraints: [{ allowed_values: ['ext2', 'ext3', 'ext4', 'xfs', 'ntfs'] }],
              },
              device_type: { type: 'String', constraints: [{ allowed_values: ['cdrom', 'disk'] }] },
              disk_bus: {
                type: 'String',
                constraints: [{ allowed_values: ['ide', 'lame_bus', 'scsi', 'usb', 'virtio'] }],
              },
              boot_index: { type: 'Integer' },
              volume_size: { type: 'Integer' },
              delete_on_termination: { type: 'Boolean' },
            },
          },
        },
      },
      flavor: {
        type: 'String',
        required: true,
        update_allowed: true,
        constraints: [{ custom_constraint: 'nova.flavor' }],
      },
      flavor_update_policy: {
        type: 'String',
        default: 'RESIZE',
        update_allowed: true,
        constraints: [{ allowed_values: ['RESIZE', 'REPLACE'] }],
      },
      image_update_policy: {
        type: 'String',
        default: 'REBUILD',
        update_allowed: true,
        constraints: [{ allowed_values: ['REBUILD', 'REPLACE', 'REBUILD_PRESERVE_EPHEMERAL'] }],
      },
      key_name: { type: 'String', constraints: [{ custom_constraint: 'nova.keypair' }] },
      admin_user: { type: 'String', hidden: true },
      availability_zone: { type: 'String' },
      security_groups: { type: 'List', default: [] },
      networks: {
        type: 'List',
        update_allowed: true,
        schema: {
          '*': {
            type: 'Map',
            schema: {
              uuid: { type: 'String', constraints: [{ custom_constraint: 'neutron.network' }], hidden: true },
              network: { type: 'String', constraints: [{ custom_constraint: 'neutron.network' }] },
              allocate_network: {
                type: 'String',
                update_allowed: true,
                constraints: [{ allowed_values: ['none', 'auto'] }],
              },
              fixed_ip: { type: 'String', constraints: [{ custom_constraint: 'ip_addr' }] },
              port: { type: 'String', constraints: [{ custom_constraint: 'neutron.port' }] },
              port_extra_properties: {
                type: 'Map',
                schema: {
                  value_specs: { type: 'Map', default: {}, update_allowed: true },
                  admin_state_up: { type: 'Boolean', default: true, update_allowed: true },
                  mac_address: { type: 'String', constraints: [{ custom_constraint: 'mac_addr' }] },
                  allowed_address_pairs: {
                    type: 'List',
                    update_allowed: true,
                    schema: {
                      '*': {
                        type: 'Map',
                        schema: {
                          mac_address: { type: 'String', constraints: [{ custom_constraint: 'mac_addr' }] },
                          ip_address: {
                            type: 'String',
                            required: true,
                            constraints: [{ custom_constraint: 'ip_or_cidr' }],
                          },
                        },
                      },
                    },
                  },
                  'binding:vnic_type': {
                    type: 'String',
                    default: 'normal',
                    update_allowed: true,
                    constraints: [
                      {
                        allowed_values: [
                          'normal',
                          'direct',
                          'macvtap',
                          'direct-physical',
                          'baremetal',
                          'virtio-forwarder',
                          'smart-nic',
                        ],
                      },
                    ],
                  },
                  port_security_enabled: { type: 'Boolean', update_allowed: true },
                  qos_policy: {
                    type: 'String',
                    update_allowed: true,
                    constraints: [{ custom_constraint: 'neutron.qos_policy' }],
                  },
                  propagate_uplink_status: { type: 'Boolean', update_allowed: true },
                  no_fixed_ips: { type: 'Boolean', default: false, update_allowed: true },
                },
              },
              subnet: { type: 'String' },
              floating_ip: { type: 'String' },
              tag: { type: 'String' },
            },
          },
        },
      },
      scheduler_hints: { type: 'Map' },
      metadata: { type: 'Map', default: {}, update_allowed: true },
      user_data_format: {
        type: 'String',
        default: 'HEAT_CFNTOOLS',
        constraints: [{ allowed_values: ['HEAT_CFNTOOLS', 'RAW', 'SOFTWARE_CONFIG'] }],
      },
      software_config_transport: {
        type: 'String',
        default: 'POLL_SERVER_CFN',
        update_allowed: true,
        constraints: [{ allowed_values: ['POLL_SERVER_CFN', 'POLL_SERVER_HEAT', 'POLL_TEMP_URL', 'ZAQAR_MESSAGE'] }],
      },
      user_data_update_policy: {
        type: 'String',
        default: 'REPLACE',
        update_allowed: true,
        constraints: [{ allowed_values: ['REPLACE', 'IGNORE', 'REBUILD'] }],
      },
      user_data: { type: 'String', default: '', update_allowed: true },
      reservation_id: { type: 'String' },
      config_drive: { type: 'Boolean' },
      diskConfig: { type: 'String', constraints: [{ allowed_values: ['AUTO', 'MANUAL'] }] },
      personality: { type: 'Map', default: {} },
      admin_pass: { type: 'String', update_allowed: true },
      tags: { type: 'List', update_allowed: true, schema: { '*': { type: 'String' } } },
      deployment_swift_data: {
        type: 'Map',
        default: {},
        update_allowed: true,
        schema: {
          container: { type: 'String', constraints: [{ length: { min: 1 } }] },
          object: { type: 'String', constraints: [{ length: { min: 1 } }] },
        },
      },
    },
    attributes: {
      name: { type: 'String' },
      addresses: { type: 'Map' },
      networks: { type: 'Map' },
      first_address: { hidden: true },
      instance_name: { type: 'String' },
      accessIPv4: { type: 'String' },
      accessIPv6: { type: 'String' },
      console_urls: { type: 'Map' },
      tags: { type: 'List' },
      os_collect_config: { type: 'Map' },
    },
    support: { status: 'SUPPORTED' },
    snapshots: true,
  },
  'OS::Nova::ServerGroup': {
    plugin: 'ServerGroup',
    properties: {
      name: { type: 'String' },
      policies: {
        type: 'List',
        default: ['anti-affinity'],
        constraints: [{ allowed_values: ['anti-affinity', 'affinity', 'soft-anti-affinity', 'soft-affinity'] }],
        schema: { '*': { type: 'String' } },
      },
      rules: { type: 'Map', schema: { max_server_per_host: { type: 'Number' } } },
    },
    attributes: {},
    support: { status: 'SUPPORTED', version: '2014.2' },
  },
};
