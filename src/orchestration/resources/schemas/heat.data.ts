// Resource types of OS::Heat: properties, constraints, update rules and attributes.
import type { ResourceTypeData } from '../../template/index.ts';

export const heatTypes: Readonly<Record<string, ResourceTypeData>> = {
  'OS::Heat::AccessPolicy': {
    plugin: 'AccessPolicy',
    properties: { AllowedResources: { type: 'List', required: true } },
    attributes: {},
    support: { status: 'SUPPORTED' },
  },
  'OS::Heat::AutoScalingGroup': {
    plugin: 'AutoScalingResourceGroup',
    properties: {
      resource: { type: 'Map', required: true, update_allowed: true },
      max_size: { type: 'Integer', required: true, update_allowed: true, constraints: [{ range: { min: 0 } }] },
      min_size: { type: 'Integer', required: true, update_allowed: true, constraints: [{ range: { min: 0 } }] },
      cooldown: { type: 'Integer', update_allowed: true },
      desired_capacity: { type: 'Integer', update_allowed: true },
      rolling_updates: {
        type: 'Map',
        default: { min_in_service: 0, max_batch_size: 1, pause_time: 0 },
        update_allowed: true,
        schema: {
          min_in_service: { type: 'Integer', default: 0, constraints: [{ range: { min: 0 } }] },
          max_batch_size: { type: 'Integer', default: 1, constraints: [{ range: { min: 1 } }] },
          pause_time: { type: 'Number', default: 0, constraints: [{ range: { min: 0 } }] },
        },
      },
    },
    attributes: {
      outputs: { type: 'Map' },
      outputs_list: { type: 'List' },
      current_size: { type: 'Integer' },
      refs: { type: 'List' },
      refs_map: { type: 'Map' },
    },
    support: { status: 'SUPPORTED', version: '2014.1' },
    open_attributes: true,
  },
  'OS::Heat::CloudConfig': {
    plugin: 'CloudConfig',
    properties: { cloud_config: { type: 'Map' } },
    attributes: { config: { type: 'String' } },
    support: { status: 'SUPPORTED', version: '2014.1' },
  },
  'OS::Heat::Delay': {
    plugin: 'Delay',
    properties: {
      min_wait: { type: 'Number', default: 0, update_allowed: true, constraints: [{ range: { min: 0 } }] },
      max_jitter: { type: 'Number', default: 0, update_allowed: true, constraints: [{ range: { min: 0 } }] },
      jitter_multiplier: { type: 'Number', default: 1, update_allowed: true, constraints: [{ range: { min: 0 } }] },
      actions: {
        type: 'List',
        default: ['CREATE'],
        update_allowed: true,
        constraints: [{ allowed_values: ['CREATE', 'DELETE', 'SUSPEND', 'RESUME'] }],
      },
    },
    attributes: {},
    support: { status: 'SUPPORTED', version: '11.0.0' },
  },
  'OS::Heat::DeployedServer': {
    plugin: 'DeployedServer',
    properties: {
      name: { type: 'String', update_allowed: true },
      metadata: { type: 'Map', update_allowed: true },
      software_config_transport: {
        type: 'String',
        default: 'POLL_SERVER_CFN',
        update_allowed: true,
        constraints: [{ allowed_values: ['POLL_SERVER_CFN', 'POLL_SERVER_HEAT', 'POLL_TEMP_URL', 'ZAQAR_MESSAGE'] }],
      },
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
    attributes: { name: { type: 'String' }, os_collect_config: { type: 'Map' } },
    support: { status: 'SUPPORTED' },
    snapshots: true,
  },
  'OS::Heat::HARestarter': {
    plugin: 'Restarter',
    properties: {},
    attributes: {},
    support: { status: 'HIDDEN', version: '10.0.0', previous_status: { status: 'DEPRECATED', version: '2015.1' } },
    open_attributes: true,
  },
  'OS::Heat::InstanceGroup': {
    plugin: 'InstanceGroup',
    properties: {
      AvailabilityZones: { type: 'List', required: true },
      LaunchConfigurationName: { type: 'String', required: true, update_allowed: true },
      Size: { type: 'Integer', required: true, update_allowed: true },
      LoadBalancerNames: { type: 'List' },
      Tags: {
        type: 'List',
        schema: {
          '*': {
            type: 'Map',
            schema: { Key: { type: 'String', required: true }, Value: { type: 'String', required: true } },
          },
        },
      },
    },
    attributes: { InstanceList: { type: 'String' } },
    update_policy: {
      RollingUpdate: {
        type: 'Map',
        schema: {
          MinInstancesInService: { type: 'Integer', default: 0 },
          MaxBatchSize: { type: 'Integer', default: 1 },
          PauseTime: { type: 'String', default: 'PT0S' },
        },
      },
    },
    support: { status: 'SUPPORTED' },
  },
  'OS::Heat::MultipartMime': {
    plugin: 'MultipartMime',
    properties: {
      group: { type: 'String', default: 'Heat::Ungrouped' },
      parts: {
        type: 'List',
        default: [],
        schema: {
          '*': {
            type: 'Map',
            schema: {
              config: { type: 'String', required: true },
              filename: { type: 'String' },
              type: { type: 'String', default: 'text', constraints: [{ allowed_values: ['text', 'multipart'] }] },
              subtype: { type: 'String' },
            },
          },
        },
      },
    },
    attributes: { config: { type: 'String' } },
    support: { status: 'SUPPORTED', version: '2014.1' },
  },
  'OS::Heat::None': {
    plugin: 'NoneResource',
    properties: {},
    attributes: {},
    support: { status: 'SUPPORTED', version: '5.0.0' },
    open_attributes: true,
  },
  'OS::Heat::RandomString': {
    plugin: 'RandomString',
    properties: {
      length: { type: 'Integer', default: 32, constraints: [{ range: { min: 1, max: 512 } }] },
      sequence: {
        type: 'String',
        constraints: [
          {
            allowed_values: ['lettersdigits', 'letters', 'lowercase', 'uppercase', 'digits', 'hexdigits', 'octdigits'],
          },
        ],
        hidden: true,
      },
      character_classes: {
        type: 'List',
        default: [{ class: 'lettersdigits', min: 1 }],
        schema: {
          '*': {
            type: 'Map',
            schema: {
              class: {
                type: 'String',
                default: 'lettersdigits',
                constraints: [
                  {
                    allowed_values: [
                      'lettersdigits',
                      'letters',
                      'lowercase',
                      'uppercase',
                      'digits',
                      'hexdigits',
                      'octdigits',
                    ],
                  },
                ],
              },
              min: { type: 'Integer', default: 1, constraints: [{ range: { min: 1, max: 512 } }] },
            },
          },
        },
      },
      character_sequences: {
        type: 'List',
        schema: {
          '*': {
            type: 'Map',
            schema: {
              sequence: { type: 'String', required: true },
              min: { type: 'Integer', default: 1, constraints: [{ range: { min: 1, max: 512 } }] },
            },
          },
        },
      },
      salt: { type: 'String' },
    },
    attributes: { value: { type: 'String' } },
    support: { status: 'SUPPORTED', version: '2014.1' },
  },
  'OS::Heat::Stack': {
    plugin: 'RemoteStack',
    properties: {
      context: {
        type: 'Map',
        update_allowed: true,
        schema: {
          region_name: { type: 'String' },
          credential_secret_id: { type: 'String', update_allowed: true },
          ca_cert: { type: 'String', update_allowed: true },
          insecure: { type: 'Boolean', default: false, update_allowed: true },
        },
      },
      template: { type: 'String', required: true, update_allowed: true },
      timeout: { type: 'Integer', update_allowed: true },
      parameters: { type: 'Map', default: {}, update_allowed: true },
    },
    attributes: { stack_name: { type: 'String' }, outputs: { type: 'Map' } },
    support: { status: 'SUPPORTED' },
  },
  'OS::Heat::ResourceChain': {
    plugin: 'ResourceChain',
    properties: {
      resources: { type: 'List', required: true, update_allowed: true },
      concurrent: { type: 'Boolean', default: false },
      resource_properties: { type: 'Map' },
    },
    attributes: { refs: { type: 'List' }, attributes: { type: 'Map' } },
    support: { status: 'SUPPORTED', version: '6.0.0' },
    open_attributes: true,
  },
  'OS::Heat::ResourceGroup': {
    plugin: 'ResourceGroup',
    properties: {
      count: { type: 'Integer', default: 1, update_allowed: true, constraints: [{ range: { min: 0 } }] },
      index_var: { type: 'String', default: '%index%', constraints: [{ length: { min: 3 } }] },
      resource_def: {
        type: 'Map',
        required: true,
        update_allowed: true,
        schema: { type: { type: 'String', required: true }, properties: { type: 'Map' }, metadata: { type: 'Map' } },
      },
      removal_policies: {
        type: 'List',
        default: [],
        update_allowed: true,
        schema: { '*': { type: 'Map', schema: { resource_list: { type: 'List', default: [] } } } },
      },
      removal_policies_mode: {
        type: 'String',
        default: 'append',
        update_allowed: true,
        constraints: [{ allowed_values: ['append', 'update'] }],
      },
    },
    attributes: {
      refs: { type: 'List' },
      refs_map: { type: 'Map' },
      attributes: { type: 'Map' },
      removed_rsrc_list: { type: 'List' },
    },
    update_policy: {
      rolling_update: {
        type: 'Map',
        schema: {
          min_in_service: { type: 'Integer', default: 0, constraints: [{ range: { min: 0 } }] },
          max_batch_size: { type: 'Integer', default: 1, constraints: [{ range: { min: 1 } }] },
          pause_time: { type: 'Number', default: 0, constraints: [{ range: { min: 0 } }] },
        },
      },
      batch_create: {
        type: 'Map',
        schema: {
          max_batch_size: { type: 'Integer', default: 1, constraints: [{ range: { min: 1 } }] },
          pause_time: { type: 'Number', default: 0, constraints: [{ range: { min: 0 } }] },
        },
      },
    },
    support: { status: 'SUPPORTED', version: '2014.1' },
    open_attributes: true,
  },
  'OS::Heat::ScalingPolicy': {
    plugin: 'AutoScalingPolicy',
    properties: {
      auto_scaling_group_id: { type: 'String', required: true },
      scaling_adjustment: { type: 'Number', required: true, update_allowed: true },
      adjustment_type: {
        type: 'String',
        required: true,
        update_allowed: true,
        constraints: [{ allowed_values: ['change_in_capacity', 'exact_capacity', 'percent_change_in_capacity'] }],
      },
      cooldown: { type: 'Number', update_allowed: true },
      min_adjustment_step: { type: 'Integer', update_allowed: true, constraints: [{ range: { min: 0 } }] },
    },
    attributes: { alarm_url: { type: 'String' }, signal_url: { type: 'String' } },
    support: { status: 'SUPPORTED' },
  },
  'OS::Heat::SoftwareComponent': {
    plugin: 'SoftwareComponent',
    properties: {
      configs: {
        type: 'List',
        required: true,
        constraints: [{ length: { min: 1 } }],
        schema: {
          '*': {
            type: 'Map',
            schema: {
              actions: {
                type: 'List',
                default: ['CREATE', 'UPDATE'],
                constraints: [{ length: { min: 1 } }],
                schema: { '*': { type: 'String' } },
              },
              config: { type: 'String' },
              tool: { type: 'String', required: true },
            },
          },
        },
      },
      inputs: {
        type: 'List',
        schema: {
          '*': {
            type: 'Map',
            schema: {
              name: { type: 'String', required: true },
              description: { type: 'String' },
              type: {
                type: 'String',
                default: 'String',
                constraints: [{ allowed_values: ['String', 'Number', 'CommaDelimitedList', 'Json', 'Boolean'] }],
              },
              default: { type: 'Any' },
              replace_on_change: { type: 'Boolean', default: false },
            },
          },
        },
      },
      outputs: {
        type: 'List',
        schema: {
          '*': {
            type: 'Map',
            schema: {
              name: { type: 'String', required: true },
              description: { type: 'String' },
              type: {
                type: 'String',
                default: 'String',
                constraints: [{ allowed_values: ['String', 'Number', 'CommaDelimitedList', 'Json', 'Boolean'] }],
              },
              error_output: { type: 'Boolean', default: false },
            },
          },
        },
      },
      options: { type: 'Map' },
    },
    attributes: { config: { type: 'String' } },
    support: { status: 'SUPPORTED', version: '2014.2' },
  },
  'OS::Heat::SoftwareConfig': {
    plugin: 'SoftwareConfig',
    properties: {
      group: { type: 'String', default: 'Heat::Ungrouped' },
      config: { type: 'String' },
      options: { type: 'Map' },
      inputs: {
        type: 'List',
        schema: {
          '*': {
            type: 'Map',
            schema: {
              name: { type: 'String', required: true },
              description: { type: 'String' },
              type: {
                type: 'String',
                default: 'String',
                constraints: [{ allowed_values: ['String', 'Number', 'CommaDelimitedList', 'Json', 'Boolean'] }],
              },
              default: { type: 'Any' },
              replace_on_change: { type: 'Boolean', default: false },
            },
          },
        },
      },
      outputs: {
        type: 'List',
        schema: {
          '*': {
            type: 'Map',
            schema: {
              name: { type: 'String', required: true },
              description: { type: 'String' },
              type: {
                type: 'String',
                default: 'String',
                constraints: [{ allowed_values: ['String', 'Number', 'CommaDelimitedList', 'Json', 'Boolean'] }],
              },
              error_output: { type: 'Boolean', default: false },
            },
          },
        },
      },
    },
    attributes: { config: { type: 'String' } },
    support: { status: 'SUPPORTED', version: '2014.1' },
  },
  'OS::Heat::SoftwareDeployment': {
    plugin: 'SoftwareDeployment',
    properties: {
      config: { type: 'String', update_allowed: true },
      server: { type: 'String', required: true },
      input_values: { type: 'Map', update_allowed: true },
      actions: {
        type: 'List',
        default: ['CREATE', 'UPDATE'],
        update_allowed: true,
        constraints: [{ allowed_values: ['CREATE', 'UPDATE', 'DELETE', 'SUSPEND', 'RESUME'] }],
      },
      name: { type: 'String', update_allowed: true },
      signal_transport: {
        type: 'String',
        default: 'CFN_SIGNAL',
        constraints: [
          { allowed_values: ['CFN_SIGNAL', 'TEMP_URL_SIGNAL', 'HEAT_SIGNAL', 'NO_SIGNAL', 'ZAQAR_SIGNAL'] },
        ],
      },
    },
    attributes: {
      deploy_stdout: { type: 'String' },
      deploy_stderr: { type: 'String' },
      deploy_status_code: { type: 'String' },
    },
    support: { status: 'SUPPORTED', version: '2014.1' },
    open_attributes: true,
  },
  'OS::Heat::SoftwareDeploymentGroup': {
    plugin: 'SoftwareDeploymentGroup',
    properties: {
      servers: { type: 'Map', required: true, update_allowed: true },
      config: { type: 'String', update_allowed: true },
      input_values: { type: 'Map', update_allowed: true },
      actions: {
        type: 'List',
        default: ['CREATE', 'UPDATE'],
        update_allowed: true,
        constraints: [{ allowed_values: ['CREATE', 'UPDATE', 'DELETE', 'SUSPEND', 'RESUME'] }],
      },
      name: { type: 'String', update_allowed: true },
      signal_transport: {
        type: 'String',
        default: 'CFN_SIGNAL',
        constraints: [
          { allowed_values: ['CFN_SIGNAL', 'TEMP_URL_SIGNAL', 'HEAT_SIGNAL', 'NO_SIGNAL', 'ZAQAR_SIGNAL'] },
        ],
      },
    },
    attributes: {
      deploy_stdouts: { type: 'Map' },
      deploy_stderrs: { type: 'Map' },
      deploy_status_codes: { type: 'Map' },
    },
    update_policy: {
      rolling_update: {
        type: 'Map',
        schema: {
          max_batch_size: { type: 'Integer', default: 1, constraints: [{ range: { min: 1 } }] },
          pause_time: { type: 'Number', default: 0, constraints: [{ range: { min: 0 } }] },
        },
      },
      batch_create: {
        type: 'Map',
        schema: {
          max_batch_size: { type: 'Integer', default: 1, constraints: [{ range: { min: 1 } }] },
          pause_time: { type: 'Number', default: 0, constraints: [{ range: { min: 0 } }] },
        },
      },
    },
    support: { status: 'SUPPORTED', version: '5.0.0' },
    open_attributes: true,
  },
  'OS::Heat::SoftwareDeployments': {
    plugin: 'SoftwareDeployments',
    properties: {
      servers: { type: 'Map', required: true, update_allowed: true },
      config: { type: 'String', update_allowed: true },
      input_values: { type: 'Map', update_allowed: true },
      actions: {
        type: 'List',
        default: ['CREATE', 'UPDATE'],
        update_allowed: true,
        constraints: [{ allowed_values: ['CREATE', 'UPDATE', 'DELETE', 'SUSPEND', 'RESUME'] }],
      },
      name: { type: 'String', update_allowed: true },
      signal_transport: {
        type: 'String',
        default: 'CFN_SIGNAL',
        constraints: [
          { allowed_values: ['CFN_SIGNAL', 'TEMP_URL_SIGNAL', 'HEAT_SIGNAL', 'NO_SIGNAL', 'ZAQAR_SIGNAL'] },
        ],
      },
    },
    attributes: {
      deploy_stdouts: { type: 'Map' },
      deploy_stderrs: { type: 'Map' },
      deploy_status_codes: { type: 'Map' },
    },
    update_policy: {
      rolling_update: {
        type: 'Map',
        schema: {
          max_batch_size: { type: 'Integer', default: 1, constraints: [{ range: { min: 1 } }] },
          pause_time: { type: 'Number', default: 0, constraints: [{ range: { min: 0 } }] },
        },
      },
      batch_create: {
        type: 'Map',
        schema: {
          max_batch_size: { type: 'Integer', default: 1, constraints: [{ range: { min: 1 } }] },
          pause_time: { type: 'Number', default: 0, constraints: [{ range: { min: 0 } }] },
        },
      },
    },
    support: { status: 'HIDDEN', version: '7.0.0', previous_status: { status: 'DEPRECATED', version: '2014.2' } },
    open_attributes: true,
  },
  'OS::Heat::StructuredConfig': {
    plugin: 'StructuredConfig',
    properties: {
      group: { type: 'String', default: 'Heat::Ungrouped' },
      options: { type: 'Map' },
      inputs: {
        type: 'List',
        schema: {
          '*': {
            type: 'Map',
            schema: {
              name: { type: 'String', required: true },
              description: { type: 'String' },
              type: {
                type: 'String',
                default: 'String',
                constraints: [{ allowed_values: ['String', 'Number', 'CommaDelimitedList', 'Json', 'Boolean'] }],
              },
              default: { type: 'Any' },
              replace_on_change: { type: 'Boolean', default: false },
            },
          },
        },
      },
      outputs: {
        type: 'List',
        schema: {
          '*': {
            type: 'Map',
            schema: {
              name: { type: 'String', required: true },
              description: { type: 'String' },
              type: {
                type: 'String',
                default: 'String',
                constraints: [{ allowed_values: ['String', 'Number', 'CommaDelimitedList', 'Json', 'Boolean'] }],
              },
              error_output: { type: 'Boolean', default: false },
            },
          },
        },
      },
      config: { type: 'Map' },
    },
    attributes: { config: { type: 'String' } },
    support: { status: 'SUPPORTED', version: '2014.1' },
  },
  'OS::Heat::StructuredDeployment': {
    plugin: 'StructuredDeployment',
    properties: {
      config: { type: 'String', update_allowed: true },
      server: { type: 'String', required: true },
      input_values: { type: 'Map', update_allowed: true },
      actions: {
        type: 'List',
        default: ['CREATE', 'UPDATE'],
        update_allowed: true,
        constraints: [{ allowed_values: ['CREATE', 'UPDATE', 'DELETE', 'SUSPEND', 'RESUME'] }],
      },
      signal_transport: {
        type: 'String',
        default: 'CFN_SIGNAL',
        constraints: [
          { allowed_values: ['CFN_SIGNAL', 'TEMP_URL_SIGNAL', 'HEAT_SIGNAL', 'NO_SIGNAL', 'ZAQAR_SIGNAL'] },
        ],
      },
      name: { type: 'String', update_allowed: true },
      input_key: { type: 'String', default: 'get_input' },
      input_values_validate: { type: 'String', default: 'LAX', constraints: [{ allowed_values: ['LAX', 'STRICT'] }] },
    },
    attributes: {
      deploy_stdout: { type: 'String' },
      deploy_stderr: { type: 'String' },
      deploy_status_code: { type: 'String' },
    },
    support: { status: 'SUPPORTED', version: '2014.1' },
    open_attributes: true,
  },
  'OS::Heat::StructuredDeploymentGroup': {
    plugin: 'StructuredDeploymentGroup',
    properties: {
      servers: { type: 'Map', required: true, update_allowed: true },
      config: { type: 'String', update_allowed: true },
      input_values: { type: 'Map', update_allowed: true },
      actions: {
        type: 'List',
        default: ['CREATE', 'UPDATE'],
        update_allowed: true,
        constraints: [{ allowed_values: ['CREATE', 'UPDATE', 'DELETE', 'SUSPEND', 'RESUME'] }],
      },
      signal_transport: {
        type: 'String',
        default: 'CFN_SIGNAL',
        constraints: [
          { allowed_values: ['CFN_SIGNAL', 'TEMP_URL_SIGNAL', 'HEAT_SIGNAL', 'NO_SIGNAL', 'ZAQAR_SIGNAL'] },
        ],
      },
      name: { type: 'String', update_allowed: true },
      input_key: { type: 'String', default: 'get_input' },
      input_values_validate: { type: 'String', default: 'LAX', constraints: [{ allowed_values: ['LAX', 'STRICT'] }] },
    },
    attributes: {
      deploy_stdouts: { type: 'Map' },
      deploy_stderrs: { type: 'Map' },
      deploy_status_codes: { type: 'Map' },
    },
    update_policy: {
      rolling_update: {
        type: 'Map',
        schema: {
          max_batch_size: { type: 'Integer', default: 1, constraints: [{ range: { min: 1 } }] },
          pause_time: { type: 'Number', default: 0, constraints: [{ range: { min: 0 } }] },
        },
      },
      batch_create: {
        type: 'Map',
        schema: {
          max_batch_size: { type: 'Integer', default: 1, constraints: [{ range: { min: 1 } }] },
          pause_time: { type: 'Number', default: 0, constraints: [{ range: { min: 0 } }] },
        },
      },
    },
    support: { status: 'SUPPORTED', version: '5.0.0' },
    open_attributes: true,
  },
  'OS::Heat::StructuredDeployments': {
    plugin: 'StructuredDeployments',
    properties: {
      servers: { type: 'Map', required: true, update_allowed: true },
      config: { type: 'String', update_allowed: true },
      input_values: { type: 'Map', update_allowed: true },
      actions: {
        type: 'List',
        default: ['CREATE', 'UPDATE'],
        update_allowed: true,
        constraints: [{ allowed_values: ['CREATE', 'UPDATE', 'DELETE', 'SUSPEND', 'RESUME'] }],
      },
      signal_transport: {
        type: 'String',
        default: 'CFN_SIGNAL',
        constraints: [
          { allowed_values: ['CFN_SIGNAL', 'TEMP_URL_SIGNAL', 'HEAT_SIGNAL', 'NO_SIGNAL', 'ZAQAR_SIGNAL'] },
        ],
      },
      name: { type: 'String', update_allowed: true },
      input_key: { type: 'String', default: 'get_input' },
      input_values_validate: { type: 'String', default: 'LAX', constraints: [{ allowed_values: ['LAX', 'STRICT'] }] },
    },
    attributes: {
      deploy_stdouts: { type: 'Map' },
      deploy_stderrs: { type: 'Map' },
      deploy_status_codes: { type: 'Map' },
    },
    update_policy: {
      rolling_update: {
        type: 'Map',
        schema: {
          max_batch_size: { type: 'Integer', default: 1, constraints: [{ range: { min: 1 } }] },
          pause_time: { type: 'Number', default: 0, constraints: [{ range: { min: 0 } }] },
        },
      },
      batch_create: {
        type: 'Map',
        schema: {
          max_batch_size: { type: 'Integer', default: 1, constraints: [{ range: { min: 1 } }] },
          pause_time: { type: 'Number', default: 0, constraints: [{ range: { min: 0 } }] },
        },
      },
    },
    support: { status: 'HIDDEN', version: '7.0.0', previous_status: { status: 'DEPRECATED', version: '2014.2' } },
    open_attributes: true,
  },
  'OS::Heat::SwiftSignal': {
    plugin: 'SwiftSignal',
    properties: {
      handle: { type: 'String', required: true },
      timeout: { type: 'Number', required: true, constraints: [{ range: { min: 1, max: 43200 } }] },
      count: { type: 'Integer', default: 1, constraints: [{ range: { min: 1, max: 1000 } }] },
    },
    attributes: { data: { type: 'String' } },
    support: { status: 'SUPPORTED', version: '2014.2' },
  },
  'OS::Heat::SwiftSignalHandle': {
    plugin: 'SwiftSignalHandle',
    properties: {},
    attributes: { token: { type: 'String' }, endpoint: { type: 'String' }, curl_cli: { type: 'String' } },
    support: { status: 'SUPPORTED', version: '2014.2' },
  },
  'OS::Heat::TestResource': {
    plugin: 'TestResource',
    properties: {
      constraint_prop_secs: {
        type: 'Number',
        default: 0,
        update_allowed: true,
        constraints: [{ custom_constraint: 'test_constr' }],
      },
      attr_wait_secs: { type: 'Number', default: 0, update_allowed: true },
      value: { type: 'String', default: 'test_string', update_allowed: true },
      update_replace_value: { type: 'String' },
      fail: { type: 'Boolean', default: false, update_allowed: true },
      update_replace: { type: 'Boolean', default: false, update_allowed: true },
      wait_secs: { type: 'Number', default: 0, update_allowed: true },
      action_wait_secs: {
        type: 'Map',
        update_allowed: true,
        schema: {
          create: { type: 'Number', update_allowed: true },
          update: { type: 'Number', update_allowed: true },
          delete: { type: 'Number', update_allowed: true },
        },
      },
      client_name: { type: 'String', default: '', update_allowed: true },
      entity_name: { type: 'String', default: '', update_allowed: true },
    },
    attributes: { output: {} },
    support: { status: 'SUPPORTED', version: '5.0.0' },
  },
  'OS::Heat::Value': {
    plugin: 'Value',
    properties: {
      value: { type: 'Any', required: true, update_allowed: true },
      type: {
        type: 'String',
        update_allowed: true,
        constraints: [{ allowed_values: ['string', 'number', 'comma_delimited_list', 'json', 'boolean'] }],
      },
    },
    attributes: { value: {} },
    support: { status: 'SUPPORTED', version: '7.0.0' },
  },
  'OS::Heat::WaitCondition': {
    plugin: 'HeatWaitCondition',
    properties: {
      handle: { type: 'String', required: true },
      timeout: { type: 'Number', required: true, constraints: [{ range: { min: 1, max: 43200 } }] },
      count: { type: 'Integer', default: 1, update_allowed: true, constraints: [{ range: { min: 1 } }] },
    },
    attributes: { data: { type: 'String' } },
    support: { status: 'SUPPORTED', version: '2014.2' },
  },
  'OS::Heat::WaitConditionHandle': {
    plugin: 'HeatWaitConditionHandle',
    properties: {
      signal_transport: {
        type: 'String',
        default: 'TOKEN_SIGNAL',
        constraints: [
          {
            allowed_values: [
              'CFN_SIGNAL',
              'TEMP_URL_SIGNAL',
              'HEAT_SIGNAL',
              'NO_SIGNAL',
              'ZAQAR_SIGNAL',
              'TOKEN_SIGNAL',
            ],
          },
        ],
      },
    },
    attributes: {
      token: { type: 'String' },
      endpoint: { type: 'String' },
      curl_cli: { type: 'String' },
      signal: { type: 'String' },
    },
    support: { status: 'SUPPORTED', version: '2014.2' },
  },
  'OS::Heat::UpdateWaitConditionHandle': {
    plugin: 'UpdateWaitConditionHandle',
    properties: {},
    attributes: {},
    support: { status: 'SUPPORTED', version: '2014.1' },
  },
};
