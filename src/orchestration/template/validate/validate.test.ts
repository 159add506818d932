// Checks before anything is created.
import { describe, expect, it } from 'vitest';
import { resourceTypes } from '../../resources/index.ts';
import { answer } from '../testing/resolve.ts';
import { contextOf } from '../tree.ts';
import { checkTemplate } from './index.ts';

function created(resources: { [name: string]: unknown }, more: { [key: string]: unknown } = {}): unknown {
  const result = answer(
    {
      op: 'resolve',
      types: 'real',
      strict_validate: true,
      template: { heat_template_version: 'wallaby', resources, ...more },
    },
    resourceTypes,
  );
  const check = result.create_validate;
  if (check === null || typeof check !== 'object' || !('error' in check)) return check;
  const { error } = check;
  return error !== null && typeof error === 'object' && 'message' in error ? error.message : error;
}

describe('checks', () => {
  it('name the property at fault with its path', () => {
    expect(created({ r: { type: 'OS::Heat::RandomString', properties: { length: 600 } } })).toBe(
      'Property error: resources.r.properties.length: 600 is out of range (min: 1, max: 512)',
    );
    expect(
      created({ r: { type: 'OS::Heat::RandomString', properties: { character_classes: [{ class: 'x' }] } } }),
    ).toContain('resources.r.properties.character_classes[0].class:');
  });

  it('ask for what is required and refuse what is unknown', () => {
    expect(created({ r: { type: 'OS::Nova::Server' } })).toBe(
      'Property error: resources.r.properties: Property flavor not assigned',
    );
    expect(created({ r: { type: 'OS::Heat::Value', properties: { val: 1 } } })).toBe(
      'Property error: resources.r.properties: Unknown Property val',
    );
  });

  it('refuse types, references and attributes that do not exist', () => {
    expect(created({ r: { type: 'OS::No::Such' } })).toBe('The Resource Type (OS::No::Such) could not be found.');
    expect(created({ r: { type: 'OS::Heat::Value', properties: { value: { get_resource: 'zz' } } } })).toBe(
      'The specified reference "zz" (in r.Properties.value) is incorrect.',
    );
    expect(
      created({
        a: { type: 'OS::Heat::RandomString' },
        r: { type: 'OS::Heat::Value', properties: { value: { get_attr: ['a', 'no'] } } },
      }),
    ).toBe('resources.r.properties.value.get_attr: The Referenced Attribute (a no) is incorrect.');
  });

  it('hold properties against the rules of their type', () => {
    expect(created({ r: { type: 'OS::Neutron::RouterInterface', properties: { router: 'a' } } })).toBe(
      'At least one of the following properties must be specified: subnet, port.',
    );
    expect(created({ r: { type: 'OS::Nova::Server', properties: { flavor: 'f' } } })).toBe(
      'Neither image nor bootable volume is specified for instance r',
    );
    expect(
      created({
        r: { type: 'OS::Heat::AutoScalingGroup', properties: { min_size: 2, max_size: 1, resource: { type: 'x' } } },
      }),
    ).toBe('MinSize can not be greater than MaxSize');
  });

  it('take a property under its older name, but not under both', () => {
    const subnet = (properties: { [name: string]: unknown }) =>
      created({ r: { type: 'OS::Neutron::Subnet', properties: { cidr: '10.0.0.0/24', ...properties } } });
    expect(subnet({ network_id: 'n' })).toBe('ok');
    expect(subnet({ network_id: 'n', network: 'n' })).toBe(
      'Property error: resources.r.properties.network: Cannot define the following properties at the same time: network, network_id',
    );
  });

  it('leave values that are not known yet to later', () => {
    expect(
      created({
        a: { type: 'OS::Heat::RandomString' },
        r: { type: 'OS::Heat::RandomString', properties: { length: { get_attr: ['a', 'value'] } } },
      }),
    ).toBe('ok');
  });

  it('look into the members of groups', () => {
    expect(
      created({
        g: {
          type: 'OS::Heat::ResourceGroup',
          properties: { resource_def: { type: 'OS::Heat::RandomString', properties: { nope: 1 } } },
        },
      }),
    ).toBe('Property error: resources.g<nested_stack>.resources[0].properties: Unknown Property nope');
  });

  it('find circles and name their resources', () => {
    const circle = {
      a: { type: 'OS::Heat::Value', properties: { value: { get_resource: 'b' } } },
      b: { type: 'OS::Heat::Value', properties: { value: { get_resource: 'a' } } },
    };
    expect(created(circle)).toBe('Circular Dependency Found');
  });

  it('find conditions that are defined by themselves', () => {
    expect(created({}, { conditions: { a: { not: 'a' } }, outputs: { o: { value: 1, condition: 'a' } } })).toContain(
      'Circular definition for condition "a"',
    );
  });

  it('refuse types whose service is not there, unless the caller ignores that', () => {
    const template = { heat_template_version: 'wallaby', resources: { v: { type: 'OS::Cinder::Volume' } } };
    const context = contextOf({
      types: resourceTypes,
      unavailable: () => ({ service: 'cinder', reason: 'no endpoint' }),
    });
    expect(() => checkTemplate({ template }, context)).toThrow(
      'HEAT-E99001 Service cinder is not available for resource type OS::Cinder::Volume, reason: no endpoint',
    );
    expect(checkTemplate({ template }, context, { ignoreErrors: ['99001'] }).has('Parameters')).toBe(true);
    expect(() => checkTemplate({ template }, context, { ignoreErrors: ['1'] })).toThrow(
      "Invalid codes in ignore_errors : ['1']",
    );
  });
});
