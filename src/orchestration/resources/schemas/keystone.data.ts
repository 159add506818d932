// Resource types of OS::Keystone: properties, constraints, update rules and attributes.
import type { ResourceTypeData } from '../../template/index.ts';

export const keystoneTypes: Readonly<Record<string, ResourceTypeData>> = {
  'OS::Keystone::Domain': {
    plugin: 'KeystoneDomain',
    properties: {
      name: { type: 'String', update_allowed: true },
      description: { type: 'String', update_allowed: true },
      enabled: { type: 'Boolean', default: true, update_allowed: true },
    },
    attributes: {},
    support: { status: 'SUPPORTED', version: '8.0.0' },
  },
  'OS::Keystone::Endpoint': {
    plugin: 'KeystoneEndpoint',
    properties: {
      name: { type: 'String', update_allowed: true },
      region: { type: 'String', update_allowed: true, constraints: [{ custom_constraint: 'keystone.region' }] },
      service: {
        type: 'String',
        required: true,
        update_allowed: true,
        constraints: [{ custom_constraint: 'keystone.service' }],
      },
      interface: {
        type: 'String',
        required: true,
        update_allowed: true,
        constraints: [{ allowed_values: ['public', 'internal', 'admin'] }],
      },
      url: { type: 'String', required: true, update_allowed: true },
      enabled: { type: 'Boolean', default: true, update_allowed: true },
    },
    attributes: {},
    support: { status: 'SUPPORTED', version: '5.0.0' },
  },
  'OS::Keystone::Group': {
    plugin: 'KeystoneGroup',
    properties: {
      name: { type: 'String', update_allowed: true },
      domain: {
        type: 'String',
        default: 'default',
        update_allowed: true,
        constraints: [{ custom_constraint: 'keystone.domain' }],
      },
      description: { type: 'String', default: '', update_allowed: true },
      roles: {
        type: 'List',
        update_allowed: true,
        schema: {
          '*': {
            type: 'Map',
            schema: {
              role: { type: 'String', required: true, constraints: [{ custom_constraint: 'keystone.role' }] },
              project: { type: 'String', constraints: [{ custom_constraint: 'keystone.project' }] },
              domain: { type: 'String', constraints: [{ custom_constraint: 'keystone.domain' }] },
            },
          },
        },
      },
    },
    attributes: {},
    support: { status: 'SUPPORTED', version: '2015.1' },
  },
  'OS::Keystone::Project': {
    plugin: 'KeystoneProject',
    properties: {
      name: { type: 'String', update_allowed: true },
      domain: {
        type: 'String',
        default: 'default',
        update_allowed: true,
        constraints: [{ custom_constraint: 'keystone.domain' }],
      },
      description: { type: 'String', default: '', update_allowed: true },
      enabled: { type: 'Boolean', default: true, update_allowed: true },
      parent: { type: 'String', constraints: [{ custom_constraint: 'keystone.project' }] },
      tags: { type: 'List', default: [], update_allowed: true },
    },
    attributes: {
      name: { type: 'String' },
      parent_id: { type: 'String' },
      domain_id: { type: 'String' },
      enabled: { type: 'Boolean' },
      is_domain: { type: 'Boolean' },
    },
    support: { status: 'SUPPORTED', version: '2015.1' },
  },
  'OS::Keystone::Region': {
    plugin: 'KeystoneRegion',
    properties: {
      id: { type: 'String' },
      parent_region: { type: 'String', update_allowed: true, constraints: [{ custom_constraint: 'keystone.region' }] },
      description: { type: 'String', update_allowed: true },
      enabled: { type: 'Boolean', default: true, update_allowed: true },
    },
    attributes: {},
    support: { status: 'SUPPORTED', version: '6.0.0' },
  },
  'OS::Keystone::Role': {
    plugin: 'KeystoneRole',
    properties: {
      name: { type: 'String', update_allowed: true },
      domain: { type: 'String', constraints: [{ custom_constraint: 'keystone.domain' }] },
    },
    attributes: {},
    support: { status: 'SUPPORTED', version: '2015.1' },
  },
  'OS::Keystone::UserRoleAssignment': {
    plugin: 'KeystoneUserRoleAssignment',
    properties: {
      user: {
        type: 'String',
        required: true,
        update_allowed: true,
        constraints: [{ custom_constraint: 'keystone.user' }],
      },
      roles: {
        type: 'List',
        update_allowed: true,
        schema: {
          '*': {
            type: 'Map',
            schema: {
              role: { type: 'String', required: true, constraints: [{ custom_constraint: 'keystone.role' }] },
              project: { type: 'String', constraints: [{ custom_constraint: 'keystone.project' }] },
              domain: { type: 'String', constraints: [{ custom_constraint: 'keystone.domain' }] },
            },
          },
        },
      },
    },
    attributes: {},
    support: { status: 'SUPPORTED', version: '5.0.0' },
  },
  'OS::Keystone::GroupRoleAssignment': {
    plugin: 'KeystoneGroupRoleAssignment',
    properties: {
      group: {
        type: 'String',
        required: true,
        update_allowed: true,
        constraints: [{ custom_constraint: 'keystone.group' }],
      },
      roles: {
        type: 'List',
        update_allowed: true,
        schema: {
          '*': {
            type: 'Map',
            schema: {
              role: { type: 'String', required: true, constraints: [{ custom_constraint: 'keystone.role' }] },
              project: { type: 'String', constraints: [{ custom_constraint: 'keystone.project' }] },
              domain: { type: 'String', constraints: [{ custom_constraint: 'keystone.domain' }] },
            },
          },
        },
      },
    },
    attributes: {},
    support: { status: 'SUPPORTED', version: '5.0.0' },
  },
  'OS::Keystone::Service': {
    plugin: 'KeystoneService',
    properties: {
      name: { type: 'String', update_allowed: true },
      description: { type: 'String', update_allowed: true },
      type: { type: 'String', required: true, update_allowed: true },
      enabled: { type: 'Boolean', default: true, update_allowed: true },
    },
    attributes: {},
    support: { status: 'SUPPORTED', version: '5.0.0' },
  },
  'OS::Keystone::User': {
    plugin: 'KeystoneUser',
    properties: {
      name: { type: 'String', update_allowed: true },
      domain: {
        type: 'String',
        default: 'default',
        update_allowed: true,
        constraints: [{ custom_constraint: 'keystone.domain' }],
      },
      description: { type: 'String', default: '', update_allowed: true },
      enabled: { type: 'Boolean', default: true, update_allowed: true },
      email: { type: 'String', update_allowed: true },
      password: { type: 'String', update_allowed: true },
      default_project: {
        type: 'String',
        update_allowed: true,
        constraints: [{ custom_constraint: 'keystone.project' }],
      },
      groups: {
        type: 'List',
        update_allowed: true,
        schema: { '*': { type: 'String', constraints: [{ custom_constraint: 'keystone.group' }] } },
      },
      roles: {
        type: 'List',
        update_allowed: true,
        schema: {
          '*': {
            type: 'Map',
            schema: {
              role: { type: 'String', required: true, constraints: [{ custom_constraint: 'keystone.role' }] },
              project: { type: 'String', constraints: [{ custom_constraint: 'keystone.project' }] },
              domain: { type: 'String', constraints: [{ custom_constraint: 'keystone.domain' }] },
            },
          },
        },
      },
    },
    attributes: {
      name: { type: 'String' },
      default_project_id: { type: 'String' },
      domain_id: { type: 'String' },
      enabled: { type: 'Boolean' },
      password_expires_at: { type: 'String' },
    },
    support: { status: 'SUPPORTED', version: '2015.1' },
  },
};
