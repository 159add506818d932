// Differences between two states of a stack.
import { describe, expect, it } from 'vitest';
import { resourceTypes } from '../../resources/index.ts';
import { expand, expandUpdate } from '../index.ts';

const settings = { types: resourceTypes };
const values = {
  reference: (path: string) => `id-${path}`,
  attribute: (path: string, name: string) => `${name}-of-${path}`,
};
const template = (resources: string) => ({ template: `heat_template_version: wallaby\nresources:\n${resources}` });
const base =
  '  a: {type: OS::Heat::RandomString, properties: {length: 8}}\n  b: {type: OS::Heat::Value, properties: {value: {get_attr: [a, value]}}}\n  net: {type: OS::Neutron::Net, properties: {name: x}}';

function kinds(after: string): { [path: string]: string } {
  const { changes } = expandUpdate(expand(template(base), settings), template(after), settings, values);
  return Object.fromEntries([...changes.values()].map(({ path, kind }) => [path, kind]));
}

describe('differences', () => {
  it('are none between equal templates, references or not', () => {
    expect(new Set(Object.values(kinds(base)))).toEqual(new Set(['unchanged']));
  });

  it('do not see another spelling of the same value', () => {
    expect(kinds(base.replace('length: 8', 'length: "8"')).a).toBe('unchanged');
  });

  it('update in place where the type allows it and replace where not', () => {
    expect(kinds(base.replace('name: x', 'name: y')).net).toBe('updated');
    expect(kinds(base.replace('length: 8', 'length: 9')).a).toBe('replaced');
  });

  it('follow a replacement to what refers to it', () => {
    expect(kinds(base.replace('length: 8', 'length: 9')).b).toBe('updated');
  });

  it('name what is added and deleted', () => {
    const found = kinds(base.replace('net:', 'net2:'));
    expect([found.net, found.net2]).toEqual(['deleted', 'added']);
  });

  it('tell each property before and after', () => {
    const { changes } = expandUpdate(
      expand(template(base), settings),
      template(base.replace('name: x', 'name: y')),
      settings,
      values,
    );
    expect(changes.get('net')?.properties).toEqual([{ name: 'name', before: 'x', after: 'y' }]);
  });

  it('look into groups', () => {
    const group = (count: number) =>
      `  g: {type: OS::Heat::ResourceGroup, properties: {count: ${count}, resource_def: {type: OS::Heat::RandomString}}}`;
    const { changes } = expandUpdate(expand(template(group(1)), settings), template(group(2)), settings, values);
    expect(changes.get('g/0')?.kind).toBe('unchanged');
    expect(changes.get('g/1')?.kind).toBe('added');
    expect(changes.get('g')?.kind).toBe('updated');
  });
});
