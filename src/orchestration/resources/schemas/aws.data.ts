// Resource types of the AWS types of old templates: properties, constraints, update rules and attributes.
import type { ResourceTypeData } from '../../template/index.ts';

export const awsTypes: Readonly<Record<string, ResourceTypeData>> = {
  'AWS::AutoScaling::AutoScalingGroup': {
    plugin: 'AutoScalingGroup',
    properties: {
      AvailabilityZones: { type: 'List', required: true },
      LaunchConfigurationName: { type: 'String', update_allowed: true },
      InstanceId: { type: 'String', constraints: [{ custom_constraint: 'nova.server' }] },
      MaxSize: { type: 'Integer', required: true, update_allowed: true },
      MinSize: { type: 'Integer', required: true, update_allowed: true },
      Cooldown: { type: 'Integer', update_allowed: true },
      DesiredCapacity: { type: 'Integer', update_allowed: true },
      HealthCheckGracePeriod: { type: 'Integer', unimplemented: true },
      HealthCheckType: { type: 'String', constraints: [{ allowed_values: ['EC2', 'ELB'] }], unimplemented: true },
      LoadBalancerNames: { type: 'List' },
      VPCZoneIdentifier: { type: 'List', schema: { '*': { type: 'String' } } },
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
      AutoScalingRollingUpdate: {
        type: 'Map',
        schema: {
          MinInstancesInService: { type: 'Integer', default: 0 },
          MaxBatchSize: { type: 'Integer', default: 1 },
          PauseTime: { type: 'String', default: 'PT0S' },
        },
      },
    },
    support: { status: 'SUPPORTED', version: '2014.1' },
  },
  'AWS::AutoScaling::LaunchConfiguration': {
    plugin: 'LaunchConfiguration',
    properties: {
      ImageId: { type: 'String', constraints: [{ custom_constraint: 'glance.image' }] },
      InstanceType: { type: 'String', constraints: [{ custom_constraint: 'nova.flavor' }] },
      InstanceId: { type: 'String', constraints: [{ custom_constraint: 'nova.server' }] },
      KeyName: { type: 'String', constraints: [{ custom_constraint: 'nova.keypair' }] },
      UserData: { type: 'String' },
      SecurityGroups: { type: 'List' },
      KernelId: { type: 'String', unimplemented: true },
      RamDiskId: { type: 'String', unimplemented: true },
      BlockDeviceMappings: {
        type: 'List',
        schema: {
          '*': {
            type: 'Map',
            schema: {
              DeviceName: { type: 'String', required: true },
              Ebs: {
                type: 'Map',
                schema: {
                  DeleteOnTermination: { type: 'Boolean', default: true },
                  Iops: { type: 'Number', unimplemented: true },
                  SnapshotId: { type: 'String', constraints: [{ custom_constraint: 'cinder.snapshot' }] },
                  VolumeSize: { type: 'String' },
                  VolumeType: { type: 'String', unimplemented: true },
                },
              },
              NoDevice: { type: 'Map', unimplemented: true },
              VirtualName: { type: 'String', unimplemented: true },
            },
          },
        },
      },
      NovaSchedulerHints: {
        type: 'List',
        schema: {
          '*': {
            type: 'Map',
            schema: { Key: { type: 'String', required: true }, Value: { type: 'String', required: true } },
          },
        },
      },
    },
    attributes: {},
    support: { status: 'SUPPORTED' },
  },
  'AWS::AutoScaling::ScalingPolicy': {
    plugin: 'AWSScalingPolicy',
    properties: {
      AutoScalingGroupName: { type: 'String', required: true },
      ScalingAdjustment: { type: 'Integer', required: true, update_allowed: true },
      AdjustmentType: {
        type: 'String',
        required: true,
        update_allowed: true,
        constraints: [{ allowed_values: ['ChangeInCapacity', 'ExactCapacity', 'PercentChangeInCapacity'] }],
      },
      Cooldown: { type: 'Integer', update_allowed: true },
      MinAdjustmentStep: { type: 'Integer', update_allowed: true, constraints: [{ range: { min: 0 } }] },
    },
    attributes: { AlarmUrl: { type: 'String' } },
    support: { status: 'SUPPORTED' },
  },
  'AWS::CloudFormation::Stack': {
    plugin: 'NestedStack',
    properties: {
      TemplateURL: { type: 'String', required: true, update_allowed: true },
      TimeoutInMinutes: { type: 'Integer', update_allowed: true },
      Parameters: { type: 'Map', update_allowed: true },
    },
    attributes: {},
    support: { status: 'SUPPORTED' },
    open_attributes: true,
  },
  'AWS::CloudFormation::WaitCondition': {
    plugin: 'WaitCondition',
    properties: {
      Handle: { type: 'String', required: true },
      Timeout: { type: 'Integer', required: true, constraints: [{ range: { min: 1, max: 43200 } }] },
      Count: { type: 'Integer', default: 1, update_allowed: true, constraints: [{ range: { min: 1 } }] },
    },
    attributes: { Data: { type: 'String' } },
    support: { status: 'SUPPORTED', version: '2014.1' },
  },
  'AWS::CloudFormation::WaitConditionHandle': {
    plugin: 'WaitConditionHandle',
    properties: {},
    attributes: {},
    support: { status: 'SUPPORTED', version: '2014.1' },
  },
  'AWS::EC2::EIP': {
    plugin: 'ElasticIp',
    properties: {
      Domain: { type: 'String', constraints: [{ allowed_values: ['vpc'] }] },
      InstanceId: { type: 'String', update_allowed: true, constraints: [{ custom_constraint: 'nova.server' }] },
    },
    attributes: { AllocationId: { type: 'String' } },
    support: { status: 'SUPPORTED' },
  },
  'AWS::EC2::EIPAssociation': {
    plugin: 'ElasticIpAssociation',
    properties: {
      InstanceId: { type: 'String', update_allowed: true, constraints: [{ custom_constraint: 'nova.server' }] },
      EIP: { type: 'String', update_allowed: true, constraints: [{ custom_constraint: 'ip_addr' }] },
      AllocationId: { type: 'String', update_allowed: true },
      NetworkInterfaceId: { type: 'String', update_allowed: true },
    },
    attributes: {},
    support: { status: 'SUPPORTED' },
  },
  'AWS::EC2::Instance': {
    plugin: 'Instance',
    properties: {
      ImageId: { type: 'String', required: true, constraints: [{ custom_constraint: 'glance.image' }] },
      InstanceType: {
        type: 'String',
        required: true,
        update_allowed: true,
        constraints: [{ custom_constraint: 'nova.flavor' }],
      },
      KeyName: { type: 'String', constraints: [{ custom_constraint: 'nova.keypair' }] },
      AvailabilityZone: { type: 'String' },
      DisableApiTermination: { type: 'String', unimplemented: true },
      KernelId: { type: 'String', unimplemented: true },
      Monitoring: { type: 'Boolean', unimplemented: true },
      PlacementGroupName: { type: 'String', unimplemented: true },
      PrivateIpAddress: { type: 'String', unimplemented: true },
      RamDiskId: { type: 'String', unimplemented: true },
      SecurityGroups: { type: 'List' },
      SecurityGroupIds: { type: 'List' },
      NetworkInterfaces: { type: 'List', update_allowed: true },
      SourceDestCheck: { type: 'Boolean', unimplemented: true },
      SubnetId: { type: 'String', update_allowed: true },
      Tags: {
        type: 'List',
        update_allowed: true,
        schema: {
          '*': {
            type: 'Map',
            schema: { Key: { type: 'String', required: true }, Value: { type: 'String', required: true } },
          },
        },
      },
      NovaSchedulerHints: {
        type: 'List',
        schema: {
          '*': {
            type: 'Map',
            schema: { Key: { type: 'String', required: true }, Value: { type: 'String', required: true } },
          },
        },
      },
      Tenancy: { type: 'String', constraints: [{ allowed_values: ['dedicated', 'default'] }], unimplemented: true },
      UserData: { type: 'String' },
      Volumes: {
        type: 'List',
        default: [],
        schema: {
          '*': {
            type: 'Map',
            schema: {
              Device: { type: 'String', required: true },
              VolumeId: { type: 'String', required: true, constraints: [{ custom_constraint: 'cinder.volume' }] },
            },
          },
        },
      },
      BlockDeviceMappings: {
        type: 'List',
        schema: {
          '*': {
            type: 'Map',
            schema: {
              DeviceName: { type: 'String', required: true },
              Ebs: {
                type: 'Map',
                schema: {
                  DeleteOnTermination: { type: 'Boolean', default: true },
                  Iops: { type: 'Number', unimplemented: true },
                  SnapshotId: { type: 'String', constraints: [{ custom_constraint: 'cinder.snapshot' }] },
                  VolumeSize: { type: 'String' },
                  VolumeType: { type: 'String', unimplemented: true },
                },
              },
              NoDevice: { type: 'Map', unimplemented: true },
              VirtualName: { type: 'String', unimplemented: true },
            },
          },
        },
      },
    },
    attributes: {
      AvailabilityZone: { type: 'String' },
      PrivateDnsName: { type: 'String' },
      PublicDnsName: { type: 'String' },
      PrivateIp: { type: 'String' },
      PublicIp: { type: 'String' },
    },
    support: { status: 'SUPPORTED' },
  },
  'AWS::EC2::InternetGateway': {
    plugin: 'InternetGateway',
    properties: {
      Tags: {
        type: 'List',
        schema: {
          '*': {
            type: 'Map',
            unimplemented: true,
            schema: { Key: { type: 'String', required: true }, Value: { type: 'String', required: true } },
          },
        },
      },
    },
    attributes: {},
    support: { status: 'SUPPORTED' },
  },
  'AWS::EC2::VPCGatewayAttachment': {
    plugin: 'VPCGatewayAttachment',
    properties: {
      VpcId: { type: 'String', required: true },
      InternetGatewayId: { type: 'String' },
      VpnGatewayId: { type: 'String', unimplemented: true },
    },
    attributes: {},
    support: { status: 'SUPPORTED' },
  },
  'AWS::EC2::NetworkInterface': {
    plugin: 'NetworkInterface',
    properties: {
      Description: { type: 'String' },
      GroupSet: { type: 'List', update_allowed: true },
      PrivateIpAddress: { type: 'String' },
      SourceDestCheck: { type: 'Boolean', unimplemented: true },
      SubnetId: { type: 'String', required: true, constraints: [{ custom_constraint: 'neutron.subnet' }] },
      Tags: {
        type: 'List',
        schema: {
          '*': {
            type: 'Map',
            unimplemented: true,
            schema: { Key: { type: 'String', required: true }, Value: { type: 'String', required: true } },
          },
        },
      },
    },
    attributes: { PrivateIpAddress: { type: 'String' } },
    support: { status: 'SUPPORTED' },
  },
  'AWS::EC2::RouteTable': {
    plugin: 'RouteTable',
    properties: {
      VpcId: { type: 'String', required: true },
      Tags: {
        type: 'List',
        schema: {
          '*': {
            type: 'Map',
            unimplemented: true,
            schema: { Key: { type: 'String', required: true }, Value: { type: 'String', required: true } },
          },
        },
      },
    },
    attributes: {},
    support: { status: 'SUPPORTED', version: '2014.1' },
  },
  'AWS::EC2::SubnetRouteTableAssociation': {
    plugin: 'SubnetRouteTableAssociation',
    properties: {
      RouteTableId: { type: 'String', required: true },
      SubnetId: { type: 'String', required: true, constraints: [{ custom_constraint: 'neutron.subnet' }] },
    },
    attributes: {},
    support: { status: 'SUPPORTED' },
  },
  'AWS::EC2::SecurityGroup': {
    plugin: 'SecurityGroup',
    properties: {
      GroupDescription: { type: 'String', required: true },
      VpcId: { type: 'String' },
      SecurityGroupIngress: {
        type: 'List',
        update_allowed: true,
        schema: {
          '*': {
            type: 'Map',
            schema: {
              CidrIp: { type: 'String' },
              FromPort: { type: 'String' },
              ToPort: { type: 'String' },
              IpProtocol: { type: 'String' },
              SourceSecurityGroupId: { type: 'String' },
              SourceSecurityGroupName: { type: 'String' },
              SourceSecurityGroupOwnerId: { type: 'String', unimplemented: true },
            },
          },
        },
      },
      SecurityGroupEgress: {
        type: 'List',
        update_allowed: true,
        schema: {
          '*': {
            type: 'Map',
            schema: {
              CidrIp: { type: 'String' },
              FromPort: { type: 'String' },
              ToPort: { type: 'String' },
              IpProtocol: { type: 'String' },
              SourceSecurityGroupId: { type: 'String' },
              SourceSecurityGroupName: { type: 'String' },
              SourceSecurityGroupOwnerId: { type: 'String', unimplemented: true },
            },
          },
        },
      },
    },
    attributes: {},
    support: { status: 'SUPPORTED' },
  },
  'AWS::EC2::Subnet': {
    plugin: 'Subnet',
    properties: {
      AvailabilityZone: { type: 'String' },
      CidrBlock: { type: 'String', required: true },
      VpcId: { type: 'String', required: true },
      Tags: {
        type: 'List',
        schema: {
          '*': {
            type: 'Map',
            unimplemented: true,
            schema: { Key: { type: 'String', required: true }, Value: { type: 'String', required: true } },
          },
        },
      },
    },
    attributes: { AvailabilityZone: { type: 'String' } },
    support: { status: 'SUPPORTED' },
  },
  'AWS::EC2::Volume': {
    plugin: 'Volume',
    properties: {
      AvailabilityZone: { type: 'String', required: true, immutable: true },
      Size: { type: 'Integer', immutable: true, constraints: [{ range: { min: 1 } }] },
      SnapshotId: { type: 'String', immutable: true, constraints: [{ custom_constraint: 'cinder.backup' }] },
      Tags: {
        type: 'List',
        immutable: true,
        schema: {
          '*': {
            type: 'Map',
            schema: { Key: { type: 'String', required: true }, Value: { type: 'String', required: true } },
          },
        },
      },
    },
    attributes: {},
    support: { status: 'SUPPORTED' },
    snapshots: true,
  },
  'AWS::EC2::VolumeAttachment': {
    plugin: 'VolumeAttachment',
    properties: {
      InstanceId: {
        type: 'String',
        required: true,
        immutable: true,
        constraints: [{ custom_constraint: 'nova.server' }],
      },
      VolumeId: {
        type: 'String',
        required: true,
        immutable: true,
        constraints: [{ custom_constraint: 'cinder.volume' }],
      },
      Device: { type: 'String', required: true, immutable: true, constraints: [{ allowed_pattern: '/dev/vd[b-z]' }] },
    },
    attributes: {},
    support: { status: 'SUPPORTED' },
  },
  'AWS::EC2::VPC': {
    plugin: 'VPC',
    properties: {
      CidrBlock: { type: 'String' },
      InstanceTenancy: {
        type: 'String',
        default: 'default',
        constraints: [{ allowed_values: ['default', 'dedicated'] }],
        unimplemented: true,
      },
      Tags: {
        type: 'List',
        schema: {
          '*': {
            type: 'Map',
            unimplemented: true,
            schema: { Key: { type: 'String', required: true }, Value: { type: 'String', required: true } },
          },
        },
      },
    },
    attributes: {},
    support: { status: 'SUPPORTED' },
  },
  'AWS::IAM::User': {
    plugin: 'User',
    properties: {
      Path: { type: 'String' },
      Groups: { type: 'List' },
      LoginProfile: { type: 'Map', schema: { Password: { type: 'String' } } },
      Policies: { type: 'List' },
    },
    attributes: {},
    support: { status: 'SUPPORTED' },
  },
  'AWS::IAM::AccessKey': {
    plugin: 'AccessKey',
    properties: {
      Serial: { type: 'Integer', unimplemented: true },
      UserName: { type: 'String', required: true },
      Status: { type: 'String', constraints: [{ allowed_values: ['Active', 'Inactive'] }], unimplemented: true },
    },
    attributes: { UserName: { type: 'String' }, SecretAccessKey: { type: 'String' } },
    support: { status: 'SUPPORTED' },
  },
  'AWS::ElasticLoadBalancing::LoadBalancer': {
    plugin: 'LoadBalancer',
    properties: {
      AvailabilityZones: { type: 'List', required: true },
      HealthCheck: {
        type: 'Map',
        schema: {
          HealthyThreshold: { type: 'Integer', required: true },
          Interval: { type: 'Integer', required: true },
          Target: { type: 'String', required: true },
          Timeout: { type: 'Integer', required: true },
          UnhealthyThreshold: { type: 'Integer', required: true },
        },
      },
      Instances: { type: 'List', update_allowed: true },
      Listeners: {
        type: 'List',
        required: true,
        schema: {
          '*': {
            type: 'Map',
            schema: {
              InstancePort: { type: 'Integer', required: true },
              LoadBalancerPort: { type: 'Integer', required: true },
              Protocol: { type: 'String', required: true, constraints: [{ allowed_values: ['TCP', 'HTTP'] }] },
              SSLCertificateId: { type: 'String', unimplemented: true },
              PolicyNames: { type: 'List', unimplemented: true },
            },
          },
        },
      },
      AppCookieStickinessPolicy: { type: 'String', unimplemented: true },
      LBCookieStickinessPolicy: { type: 'String', unimplemented: true },
      SecurityGroups: { type: 'List', update_allowed: true },
      Subnets: { type: 'List', unimplemented: true },
    },
    attributes: {
      CanonicalHostedZoneName: { type: 'String' },
      CanonicalHostedZoneNameID: { type: 'String' },
      DNSName: { type: 'String' },
      'SourceSecurityGroup.GroupName': { type: 'String' },
      'SourceSecurityGroup.OwnerAlias': { type: 'String' },
    },
    support: { status: 'SUPPORTED' },
  },
  'AWS::S3::Bucket': {
    plugin: 'S3Bucket',
    properties: {
      AccessControl: {
        type: 'String',
        constraints: [
          {
            allowed_values: [
              'Private',
              'PublicRead',
              'PublicReadWrite',
              'AuthenticatedRead',
              'BucketOwnerRead',
              'BucketOwnerFullControl',
            ],
          },
        ],
      },
      WebsiteConfiguration: {
        type: 'Map',
        schema: { IndexDocument: { type: 'String' }, ErrorDocument: { type: 'String' } },
      },
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
    attributes: { DomainName: { type: 'String' }, WebsiteURL: { type: 'String' } },
    support: { status: 'SUPPORTED' },
  },
};
