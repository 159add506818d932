// Look-ups in the resource registry.
import { describe, expect, it } from 'vitest';
import { TemplateError } from '../errors.ts';
import { fromPlain } from '../value/index.ts';
import { Registry } from './registry.ts';

const plugins = ['OS::Heat::None', 'OS::Nova::Server', 'OS::Neutron::Net'];
function registry(section: unknown): Registry {
  const result = new Registry({
    plugin: (type) => (plugins.includes(type) ? type : undefined),
    mappings: [['OS::Quantum*', 'OS::Neutron*']],
  });
  result.load(fromPlain(section));
  return result;
}

describe('the resource registry', () => {
  it('follows old names to new ones', () => {
    expect(registry({}).find('OS::Quantum::Net').name).toBe('OS::Neutron::Net');
  });

  it('prefers a wildcard to a whole name, as it sorts first', () => {
    expect(registry({ 'A::B': 'x.yaml', 'A::*': 'OS::Heat::None' }).find('A::B').name).toBe('OS::Heat::None');
  });

  it('never lets a wildcard lead to a template', () => {
    expect(() => registry({ 'A::*': 'x.yaml' }).find('A::B')).toThrow('The Resource Type (A::B) could not be found.');
  });

  it('prefers what is said of one resource', () => {
    const found = registry({ A: 'y.yaml', resources: { r1: { A: 'x.yaml' } } });
    expect(found.find('A', 'r1').value).toBe('x.yaml');
    expect(found.find('A', 'r2').value).toBe('y.yaml');
  });

  it('ends mappings that lead back to themselves', () => {
    expect(() => registry({ A: 'B', B: 'A' }).find('A')).toThrow(TemplateError);
  });

  it('hides the mapping of a template inside that template', () => {
    const inside = registry({ 'OS::Nova::Server': 'server.yaml' });
    inside.hide(inside.find('OS::Nova::Server'));
    expect(inside.find('OS::Nova::Server').kind).toBe('plugin');
  });

  it('finds hooks by pattern and passes them down into the resource they are for', () => {
    const hooks = registry({ resources: { 'db_*': { hooks: 'pre-create' }, n: { inner: { hooks: 'post-create' } } } });
    expect(hooks.hasHook('db_1', 'pre-create')).toBe(true);
    expect(hooks.hasHook('inner', 'post-create')).toBe(false);
    hooks.enter('n');
    expect(hooks.hasHook('inner', 'post-create')).toBe(true);
  });

  it('refuses hooks that do not exist', () => {
    expect(() => registry({ resources: { r: { hooks: 'bad' } } })).toThrow('Invalid hook type "bad"');
  });
});
