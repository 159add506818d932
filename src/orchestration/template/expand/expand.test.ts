// Expansion of nested stacks and groups into one graph.
import { describe, expect, it } from 'vitest';
import type { KnownValues, Plain } from '../../graph/index.ts';
import { resourceTypes } from '../../resources/index.ts';
import { NotYetKnown } from '../errors.ts';
import { expand, inOrder, type TreeInput } from '../index.ts';

const settings = { types: resourceTypes, identity: { name: 'web', id: 'id-1', project: 'demo' } };
const inner = `
heat_template_version: wallaby
parameters:
  who: {type: string}
  ip: {type: string, default: none}
conditions:
  alone: {equals: [{get_param: ip}, none]}
resources:
  secret: {type: OS::Heat::RandomString, properties: {length: 8}}
  note: {type: OS::Heat::Value, condition: {not: alone}, properties: {value: {list_join: [' ', [{get_param: who}, {get_param: ip}]]}}}
outputs:
  secret: {value: {get_attr: [secret, value]}}
`;
const input = (resources: string, outputs = ''): TreeInput => ({
  template: `heat_template_version: wallaby\nresources:\n${resources}\n${outputs}`,
  files: { 'inner.yaml': inner },
});
const known = (values: { [path: string]: Plain }): KnownValues => ({
  reference: (path) => `id-of-${path}`,
  attribute: (path, name) => values[`${path}.${name}`],
});

describe('expansion', () => {
  it('gives every resource of the tree a path that lasts', () => {
    const graph = expand(
      input(
        '  a: {type: inner.yaml, properties: {who: me}}\n  g: {type: OS::Heat::ResourceGroup, properties: {count: 2, resource_def: {type: inner.yaml, properties: {who: "n%index%"}}}}',
      ),
      settings,
    );
    expect([...graph.vertices.keys()].sort()).toEqual(['a', 'a/secret', 'g', 'g/0', 'g/0/secret', 'g/1', 'g/1/secret']);
    expect([...graph.stacks.keys()].sort()).toEqual(['', 'a', 'g', 'g/0', 'g/1']);
    expect(graph.vertices.get('g/1')?.resolve(known({})).properties).toMatchObject({ who: 'n1' });
  });

  it('lets a stack end after all that is inside it, and what needs it wait for that', () => {
    const graph = expand(
      input(
        '  a: {type: inner.yaml, properties: {who: me}}\n  b: {type: OS::Heat::Value, properties: {value: {get_attr: [a, secret]}}}',
      ),
      settings,
    );
    expect(graph.vertices.get('b')?.requires).toEqual(['a']);
    expect(graph.vertices.get('a')?.requires).toEqual(['a/secret']);
    expect(inOrder(graph).map(({ path }) => path)).toEqual(['a/secret', 'a', 'b']);
  });

  it('makes all inside a stack wait for what the stack waits for', () => {
    const graph = expand(
      input(
        '  first: {type: OS::Heat::RandomString}\n  a: {type: inner.yaml, properties: {who: me}, depends_on: first}',
      ),
      settings,
    );
    expect(graph.vertices.get('a/secret')?.requires).toEqual(['first']);
  });

  it('passes values out of nested stacks, naming what is missing until it is there', () => {
    const graph = expand(
      input('  a: {type: inner.yaml, properties: {who: me}}', 'outputs: {s: {value: {get_attr: [a, secret]}}}'),
      settings,
    );
    const output = graph.stacks.get('')?.outputs.get('s');
    expect(() => output?.value(known({}))).toThrow(NotYetKnown);
    expect(output?.value(known({ 'a/secret.value': 'x' }))).toBe('x');
  });

  it('defers a group whose count is not known, and unfolds it when it is', () => {
    const source = input(
      '  n: {type: OS::Heat::RandomString}\n  g: {type: OS::Heat::ResourceGroup, properties: {count: {get_attr: [n, value]}, resource_def: {type: OS::Heat::RandomString}}}',
    );
    expect(expand(source, settings).vertices.get('g')).toMatchObject({
      kind: 'deferred',
      waitsFor: { path: 'n', attribute: 'value' },
    });
    expect(expand(source, settings, known({ 'n.value': '2' })).vertices.has('g/1')).toBe(true);
  });

  it('defers a stack whose conditions hang on a value', () => {
    const source = input(
      '  n: {type: OS::Heat::RandomString}\n  a: {type: inner.yaml, properties: {who: me, ip: {get_attr: [n, value]}}}',
    );
    expect(expand(source, settings).vertices.get('a')?.kind).toBe('deferred');
    const graph = expand(source, settings, known({ 'n.value': '10.0.0.1' }));
    expect(graph.vertices.get('a/note')?.resolve(known({ 'n.value': '10.0.0.1' })).properties.value).toBe(
      'me 10.0.0.1',
    );
  });

  it('builds members whose properties are not known yet', () => {
    const graph = expand(
      input(
        '  n: {type: OS::Heat::RandomString}\n  g: {type: OS::Heat::ResourceGroup, properties: {count: 1, resource_def: {type: OS::Heat::Value, properties: {value: {get_attr: [n, value]}}}}}',
      ),
      settings,
    );
    const member = graph.vertices.get('g/0');
    expect(member?.inspect(known({})).value).toEqual({ waitsFor: 'n' });
    expect(member?.resolve(known({ 'n.value': 'v' })).properties.value).toBe('v');
  });

  it('leaves out members that removal policies name', () => {
    const graph = expand(
      input(
        '  g: {type: OS::Heat::ResourceGroup, properties: {count: 2, removal_policies: [{resource_list: ["0"]}], resource_def: {type: OS::Heat::RandomString}}}',
      ),
      settings,
    );
    expect([...graph.vertices.keys()].sort()).toEqual(['g', 'g/1', 'g/2']);
  });

  it('sizes a scaling group by its desired capacity until it is scaled', () => {
    const source = input(
      '  g: {type: OS::Heat::AutoScalingGroup, properties: {min_size: 1, max_size: 5, desired_capacity: 2, resource: {type: OS::Heat::RandomString}}}',
      'outputs: {n: {value: {get_attr: [g, current_size]}}}',
    );
    const graph = expand(source, settings);
    expect(graph.stacks.get('g')?.resources).toHaveLength(2);
    const scaled = expand(source, settings, known({ 'g.current_size': 3 }));
    expect(scaled.stacks.get('g')?.resources).toHaveLength(3);
    expect(scaled.stacks.get('g')?.resources.slice(0, 2)).toEqual(graph.stacks.get('g')?.resources);
    expect(scaled.stacks.get('')?.outputs.get('n')?.value(known({}))).toBe(3);
  });

  it('gives the instances of a group what the launch configuration says', () => {
    const graph = expand(
      {
        template: {
          HeatTemplateFormatVersion: '2012-12-12',
          Resources: {
            lc: {
              Type: 'AWS::AutoScaling::LaunchConfiguration',
              Properties: { ImageId: 'i', InstanceType: { Ref: 'size' } },
            },
            size: { Type: 'OS::Heat::RandomString' },
            g: {
              Type: 'AWS::AutoScaling::AutoScalingGroup',
              Properties: {
                AvailabilityZones: ['nova'],
                LaunchConfigurationName: { Ref: 'lc' },
                MinSize: 2,
                MaxSize: 3,
              },
            },
          },
          Outputs: { ips: { Value: { 'Fn::GetAtt': ['g', 'InstanceList'] } } },
        },
      },
      settings,
    );
    const members = graph.stacks.get('g')?.resources ?? [];
    expect(members).toHaveLength(2);
    const first = graph.vertices.get(members[0] ?? '');
    expect(first?.implementation).toBe('AWS::EC2::Instance');
    expect(first?.resolve(known({})).given).toEqual({
      ImageId: 'i',
      InstanceType: 'id-of-size',
      Tags: [
        { Key: 'metering.groupname', Value: 'g' },
        { Key: 'metering.AutoScalingGroupName', Value: 'g' },
      ],
    });
    const ips = known(Object.fromEntries(members.map((path, index) => [`${path}.PublicIp`, `10.0.0.${index}`])));
    expect(graph.stacks.get('')?.outputs.get('ips')?.value(ips)).toBe('10.0.0.0,10.0.0.1');
  });

  it('stops templates that contain themselves', () => {
    const files = { 'self.yaml': 'heat_template_version: wallaby\nresources: {s: {type: self.yaml}}' };
    expect(() => expand({ template: files['self.yaml'], files }, settings)).toThrow('Recursion depth exceeds 5.');
  });

  it('fills in defaults and keeps what the template gives apart', () => {
    const resolved = expand(input('  r: {type: OS::Heat::RandomString, properties: {length: "9"}}'), settings)
      .vertices.get('r')
      ?.resolve(known({}));
    expect(resolved?.properties.length).toBe(9);
    expect(resolved?.given).toEqual({ length: '9' });
  });
});
