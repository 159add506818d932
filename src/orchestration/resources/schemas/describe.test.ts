// Resource types as the API shows them.
import { describe, expect, it } from 'vitest';
import { checkApplicable } from '../../template/parameter/constraints.ts';
import { CompiledLibrary } from '../../template/resource-type.ts';
import { answer } from '../../template/testing/resolve.ts';
import { describeType, sampleTemplate } from './describe.ts';
import { resourceTypes } from './index.ts';

const typeOf = (name: string) => {
  const data = resourceTypes.get(name);
  if (!data) throw new Error(`no type ${name}`);
  return data;
};

describe('resource types', () => {
  it('show types in small letters, constraints and what may be updated', () => {
    expect(describeType('OS::Heat::RandomString', typeOf('OS::Heat::RandomString'))).toMatchObject({
      resource_type: 'OS::Heat::RandomString',
      properties: {
        length: {
          type: 'integer',
          required: false,
          update_allowed: false,
          default: 32,
          constraints: [{ range: { min: 1, max: 512 } }],
        },
      },
      attributes: { show: { type: 'map' }, value: {} },
    });
  });

  it('make sample templates that hold together', () => {
    for (const name of ['OS::Heat::RandomString', 'OS::Neutron::Net', 'OS::Heat::SoftwareConfig']) {
      for (const form of ['hot', 'cfn'] as const) {
        const result = answer({ op: 'validate', template: sampleTemplate(name, typeOf(name), form) }, resourceTypes);
        expect(result).toHaveProperty('validate.Description', `Initial template of ${typeOf(name).plugin}`);
      }
    }
  });

  it('all have constraints that go with their properties', () => {
    const library = new CompiledLibrary(resourceTypes);
    for (const name of resourceTypes.names()) {
      for (const schema of library.get(name)?.properties.values() ?? [])
        expect(() => checkApplicable(schema.constraints, schema)).not.toThrow();
    }
  });
});
