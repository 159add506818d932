// Resource types of OS::Glance: properties, constraints, update rules and attributes.
import type { ResourceTypeData } from '../../template/index.ts';

export const glanceTypes: Readonly<Record<string, ResourceTypeData>> = {
  'OS::Glance::Image': {
    plugin: 'GlanceImage',
    properties: {
      name: { type: 'String' },
      id: { type: 'String' },
      is_public: { type: 'Boolean', default: false },
      min_disk: { type: 'Integer', default: 0, constraints: [{ range: { min: 0 } }] },
      min_ram: { type: 'Integer', default: 0, constraints: [{ range: { min: 0 } }] },
      protected: { type: 'Boolean', default: false },
      disk_format: {
        type: 'String',
        required: true,
        constraints: [{ allowed_values: ['ami', 'ari', 'aki', 'vhd', 'vmdk', 'raw', 'qcow2', 'vdi', 'iso'] }],
      },
      container_format: {
        type: 'String',
        required: true,
        constraints: [{ allowed_values: ['ami', 'ari', 'aki', 'bare', 'ova', 'ovf'] }],
      },
      location: { type: 'String', required: true },
      tags: { type: 'List', update_allowed: true },
      extra_properties: { type: 'Map', default: {}, update_allowed: true },
      architecture: { type: 'String', update_allowed: true },
      kernel_id: {
        type: 'String',
        update_allowed: true,
        constraints: [
          {
            allowed_pattern: '^([0-9a-fA-F]){8}-([0-9a-fA-F]){4}-([0-9a-fA-F]){4}-([0-9a-fA-F]){4}-([0-9a-fA-F]){12}$',
          },
        ],
      },
      os_distro: { type: 'String', update_allowed: true },
      owner: { type: 'String', update_allowed: true },
      ramdisk_id: {
        type: 'String',
        update_allowed: true,
        constraints: [
          {
            allowed_pattern: '^([0-9a-fA-F]){8}-([0-9a-fA-F]){4}-([0-9a-fA-F]){4}-([0-9a-fA-F]){4}-([0-9a-fA-F]){12}$',
          },
        ],
      },
    },
    attributes: {},
    support: { status: 'DEPRECATED', version: '8.0.0', previous_status: { status: 'SUPPORTED', version: '2014.2' } },
  },
  'OS::Glance::WebImage': {
    plugin: 'GlanceWebImage',
    properties: {
      name: { type: 'String' },
      id: { type: 'String' },
      min_disk: { type: 'Integer', default: 0, constraints: [{ range: { min: 0 } }] },
      min_ram: { type: 'Integer', default: 0, constraints: [{ range: { min: 0 } }] },
      protected: { type: 'Boolean', default: false, update_allowed: true },
      disk_format: {
        type: 'String',
        required: true,
        constraints: [
          { allowed_values: ['ami', 'ari', 'aki', 'vhd', 'vhdx', 'vmdk', 'raw', 'qcow2', 'vdi', 'iso', 'ploop'] },
        ],
      },
      container_format: {
        type: 'String',
        required: true,
        constraints: [{ allowed_values: ['ami', 'ari', 'aki', 'bare', 'ovf', 'ova', 'docker'] }],
      },
      location: { type: 'String', required: true },
      tags: { type: 'List', update_allowed: true },
      architecture: { type: 'String', update_allowed: true },
      kernel_id: {
        type: 'String',
        update_allowed: true,
        constraints: [
          {
            allowed_pattern: '^([0-9a-fA-F]){8}-([0-9a-fA-F]){4}-([0-9a-fA-F]){4}-([0-9a-fA-F]){4}-([0-9a-fA-F]){12}$',
          },
        ],
      },
      os_distro: { type: 'String', update_allowed: true },
      os_version: { type: 'String', update_allowed: true },
      owner: { type: 'String', update_allowed: true },
      extra_properties: { type: 'Map', default: {}, update_allowed: true },
      visibility: {
        type: 'String',
        default: 'private',
        update_allowed: true,
        constraints: [{ allowed_values: ['public', 'private', 'community', 'shared'] }],
      },
      ramdisk_id: {
        type: 'String',
        update_allowed: true,
        constraints: [
          {
            allowed_pattern: '^([0-9a-fA-F]){8}-([0-9a-fA-F]){4}-([0-9a-fA-F]){4}-([0-9a-fA-F]){4}-([0-9a-fA-F]){12}$',
          },
        ],
      },
      active: { type: 'Boolean', default: true, update_allowed: true },
      members: { type: 'List', update_allowed: true, schema: { '*': { type: 'String' } } },
    },
    attributes: {},
    support: { status: 'SUPPORTED', version: '12.0.0' },
  },
};
