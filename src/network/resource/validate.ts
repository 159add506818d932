// Checks the attributes of a request against a resource's declaration, with Neutron's wording.
import { type TSchema, Type } from '@sinclair/typebox';
import { violation } from '../../openstack/index.ts';
import { errors } from '../errors.ts';
import type { Row } from '../store.ts';
import { flag, isTrue } from './attributes.ts';
import type { Resource } from './resource.ts';

/** The attributes of a create; `tenant_id` becomes `project_id`. Throws HTTPBadRequest that names the attribute. */
export function createAttributes(resource: Resource, given: unknown): Row {
  const body = asRow(given, resource.member);
  for (const [name, attribute] of Object.entries(resource.attributes))
    if (attribute.create === 'required' && body[name] === undefined)
      throw errors.HTTPBadRequest(`Failed to parse request. Required attribute '${name}' not specified.`);
  return checked(resource, body, (name) => resource.attributes[name]?.create !== undefined);
}

export function updateAttributes(resource: Resource, given: unknown): Row {
  return checked(resource, asRow(given, resource.member), (name) => resource.attributes[name]?.update === true);
}

function asRow(value: unknown, member: string): Row {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw errors.HTTPBadRequest(`Unable to find '${member}' in request body.`);
  return { ...value };
}

function checked(resource: Resource, body: Row, settable: (name: string) => boolean): Row {
  const unknown = Object.keys(body).filter((name) => !Object.hasOwn(resource.attributes, name));
  if (unknown.length > 0) throw errors.HTTPBadRequest(`Unrecognized attribute(s) '${unknown.join(', ')}'.`);
  const fixed = Object.keys(body).filter((name) => !settable(name));
  if (fixed.length > 0) throw errors.HTTPBadRequest(`Cannot set read-only attribute(s) '${fixed.join(', ')}'.`);
  const result: Record<string, unknown> = {};
  for (const [name, given] of Object.entries(body)) {
    const attribute = resource.attributes[name];
    const value = attribute?.filter === 'integer' ? wholeNumber(given) : given;
    if (attribute) refuseViolation(name, attribute.schema, value);
    result[name === 'tenant_id' ? 'project_id' : name] = attribute?.schema === flag ? isTrue(value) : value;
  }
  return result;
}

/** Clients send numbers as text too, and Neutron takes them. */
function wholeNumber(value: unknown): unknown {
  return typeof value === 'string' && /^-?\d{1,15}$/.test(value) ? Number(value) : value;
}

const wrappers = new WeakMap<TSchema, TSchema>();

function refuseViolation(name: string, schema: TSchema, value: unknown): void {
  let wrapper = wrappers.get(schema);
  if (!wrapper) {
    wrapper = Type.Object({ value: schema });
    wrappers.set(schema, wrapper);
  }
  const found = violation(wrapper, { value }, 'body');
  if (!found) return;
  const inner = found.pointer.split('/').slice(2).join('.');
  const where = inner === '' ? name : `${name}.${inner}`;
  throw errors.HTTPBadRequest(`Invalid input for ${where}. Reason: '${shown(found.value)}' ${found.message}.`);
}

function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? 'undefined');
  return text.length > 80 ? `${text.slice(0, 80)}...` : text;
}
