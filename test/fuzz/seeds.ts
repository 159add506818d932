// Jobs that use every part of the template language, for the fuzzer to damage.
type Data = null | boolean | number | string | Data[] | { [key: string]: Data };
export type Job = { [key: string]: Data };

const inner = `heat_template_version: 2018-08-31
parameters:
  name: {type: string, constraints: [{length: {max: 40}}, {allowed_pattern: '[a-z0-9-]*'}]}
  ports: {type: comma_delimited_list, default: '80,443'}
  conf: {type: json, default: {a: [1, 2.5, null]}}
conditions: {open: {not: {equals: [{get_param: name}, shut]}}}
resources:
  pw: {type: OS::Heat::RandomString, condition: open, properties: {length: 12}}
  v: {type: OS::Heat::Value, properties: {value: {str_replace: {template: 'N P', params: {N: {get_param: name}, P: {list_join: [',', {get_param: ports}]}}}}}}
outputs:
  v: {value: {get_attr: [v, value]}}
  conf: {value: {get_param: [conf, a, 0]}}
`;
const environment = `parameter_defaults: {name: x, conf: {b: 1}}
resource_registry:
  My::Thing: inner.yaml
  "My::*": OS::Heat::None
  resources: {a: {hooks: pre-create}}
parameter_merge_strategies: {conf: deep_merge}
`;
const files: Job = { 'inner.yaml': inner, 'e.yaml': environment, 'a.sh': 'echo $x\n' };

const functions: Job = {
  heat_template_version: 'wallaby',
  parameters: {
    s: { type: 'string', default: 'abc', constraints: [{ allowed_values: ['abc', 'def'] }] },
    n: { type: 'number', default: 3, constraints: [{ range: { min: 1 } }, { modulo: { step: 3, offset: 0 } }] },
    l: { type: 'comma_delimited_list', default: 'a,b,a' },
    j: { type: 'json', default: { k: [1, { x: 'y' }] } },
    b: { type: 'boolean', default: 'yes' },
  },
  conditions: {
    c: { equals: [{ get_param: 's' }, 'abc'] },
    d: { and: ['c', { not: { contains: ['z', { get_param: 'l' }] } }] },
  },
  resources: {
    a: { type: 'My::Thing', properties: { name: { get_param: 's' } } },
    g: {
      type: 'OS::Heat::ResourceGroup',
      properties: { count: { get_param: 'n' }, resource_def: { type: 'My::Thing', properties: { name: 'm-%index%' } } },
    },
    v: { type: 'OS::Heat::Value', condition: 'd', depends_on: ['a'], properties: { value: { get_attr: ['g', 'v'] } } },
    asg: {
      type: 'OS::Heat::AutoScalingGroup',
      properties: { min_size: 1, max_size: 2, resource: { type: 'OS::Heat::RandomString' } },
    },
  },
  outputs: {
    replaced: { value: { str_replace_strict: { template: 'x y', params: { x: 1, y: { get_param: 'j' } } } } },
    split: { value: { str_split: [',', 'a,b', 1] } },
    lists: { value: { list_concat_unique: [{ get_param: 'l' }, ['z']] } },
    merged: {
      value: {
        map_merge: [{ get_param: 'j' }, { map_replace: [{ a: 'b' }, { keys: { a: 'c' }, values: { b: 'd' } }] }],
      },
    },
    repeated: {
      value: {
        repeat: {
          template: { '%i%': '%k%' },
          for_each: { '%i%': { get_param: 'l' }, '%k%': ['1', '2'] },
          permutations: true,
        },
      },
    },
    digest: { value: { digest: ['sha256', { get_param: 's' }] } },
    url: { value: { make_url: { scheme: 'http', host: '::1', port: 80, path: '/a', query: { q: 'é' } } } },
    chosen: { value: { if: ['c', { filter: [['a'], { get_param: 'l' }] }, { get_file: 'a.sh' }] } },
    asked: {
      value: {
        yaql: { expression: '$.data.l.groupBy($, $.len()).toDict($[0], $[1])', data: { l: { get_param: 'l' } } },
      },
    },
    matched: { value: { yaql: { expression: 'regex("a(.)").search($.data)', data: 'xaby' } } },
  },
};
const cfn: Job = {
  AWSTemplateFormatVersion: '2010-09-09',
  Parameters: {
    P: { Type: 'String', Default: 'x', AllowedPattern: '[a-z]+' },
    L: { Type: 'CommaDelimitedList', Default: 'a,b' },
  },
  Mappings: { M: { k: { a: 'A' } } },
  Conditions: { C: { 'Fn::Equals': [{ Ref: 'P' }, 'x'] } },
  Resources: {
    lc: { Type: 'AWS::AutoScaling::LaunchConfiguration', Properties: { ImageId: 'i', InstanceType: 'f' } },
    asg: {
      Type: 'AWS::AutoScaling::AutoScalingGroup',
      Properties: {
        AvailabilityZones: { 'Fn::GetAZs': '' },
        LaunchConfigurationName: { Ref: 'lc' },
        MinSize: 1,
        MaxSize: 2,
      },
    },
    r: {
      Type: 'OS::Heat::RandomString',
      Condition: 'C',
      DependsOn: 'asg',
      Properties: { length: { 'Fn::Select': ['0', ['8']] } },
    },
  },
  Outputs: {
    j: {
      Value: { 'Fn::Join': [',', [{ Ref: 'P' }, { 'Fn::FindInMap': ['M', 'k', 'a'] }, { 'Fn::If': ['C', 'a', 'b'] }]] },
    },
    r: { Value: { 'Fn::Replace': [{ a: 'b' }, { 'Fn::Base64': { 'Fn::GetAtt': ['r', 'value'] } }] } },
    m: { Value: { 'Fn::MemberListToMap': ['Name', 'Value', ['.member.0.Name=k', '.member.0.Value=v']] } },
  },
};
const server: Job = {
  heat_template_version: '2018-08-31',
  resources: {
    net: { type: 'OS::Neutron::Net', properties: { name: 'n' } },
    subnet: {
      type: 'OS::Neutron::Subnet',
      properties: { network: { get_resource: 'net' }, cidr: '10.0.0.0/24', ip_version: 4 },
    },
    port: {
      type: 'OS::Neutron::Port',
      properties: { network: { get_resource: 'net' }, fixed_ips: [{ subnet: { get_resource: 'subnet' } }] },
    },
    server: {
      type: 'OS::Nova::Server',
      properties: { image: 'i', flavor: 'f', networks: [{ port: { get_resource: 'port' } }], metadata: { a: 1 } },
    },
    dep: {
      type: 'OS::Heat::SoftwareDeploymentGroup',
      properties: { servers: { s: { get_resource: 'server' } }, config: 'c' },
    },
  },
  outputs: { ip: { value: { get_attr: ['server', 'networks', 'n', 0] } } },
};

const environmentOf: Job = { resource_registry: { 'My::Thing': 'inner.yaml' } };
export const seeds: readonly Job[] = [
  { op: 'resolve', strict_validate: true, template: functions, files, environment: environmentOf },
  { op: 'validate', show_nested: true, template: functions, files, environment: environmentOf },
  { op: 'resolve', strict_validate: true, types: 'real', template: cfn },
  { op: 'resolve', strict_validate: true, types: 'real', template: server },
  { op: 'diff', template: server, new_template: server },
  { op: 'resolve', template: inner, params: { name: 'a' }, files, environment_files: ['e.yaml'] },
  { op: 'parse', template: inner },
  { op: 'envfmt', text: environment },
  { op: 'registry', environment: { resource_registry: { 'A::*': 'B', B: 'inner.yaml' } }, lookups: ['A::x', 'B'] },
];
