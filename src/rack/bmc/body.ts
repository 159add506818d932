// Checks request bodies and words what is wrong with them in Redfish's messages.
import type { Static, TSchema } from '@sinclair/typebox';
import { Value, type ValueError, ValueErrorType } from '@sinclair/typebox/value';
import { type ExtendedInfo, message, RedfishFault } from './messages.ts';

type Fields = Readonly<Record<string, unknown>>;

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The request body as an object; annotations a client copied from an earlier answer are dropped. */
export function parseBody(text: string): Fields {
  let value: unknown;
  try {
    value = JSON.parse(text === '' ? '{}' : text);
  } catch {
    throw new RedfishFault(400, [message('MalformedJSON')]);
  }
  if (!isFields(value)) throw new RedfishFault(400, [message('MalformedJSON')]);
  return Object.fromEntries(Object.entries(value).filter(([name]) => !name.startsWith('@odata.')));
}

const nameOf = (error: ValueError): string => error.path.split('/').slice(1).join('/');
const shown = (value: unknown): string => (typeof value === 'string' ? value : (JSON.stringify(value) ?? ''));

function at(resource: unknown, pointer: string): unknown {
  return pointer
    .split('/')
    .slice(1)
    .reduce<unknown>((value, key) => (isFields(value) && Object.hasOwn(value, key) ? value[key] : undefined), resource);
}

/** Only the first fault of each property counts: a missing property is not also of the wrong type. */
function* firstOfEach(errors: Iterable<ValueError>): Generator<ValueError> {
  const seen = new Set<string>();
  for (const error of errors) {
    if (seen.has(error.path)) continue;
    seen.add(error.path);
    yield error;
  }
}

const outOfRange: readonly ValueErrorType[] = [
  ValueErrorType.IntegerMinimum,
  ValueErrorType.IntegerMaximum,
  ValueErrorType.StringMaxLength,
  ValueErrorType.StringMinLength,
];

const listTypes: readonly ValueErrorType[] = [ValueErrorType.Union, ValueErrorType.Literal];

function propertyMessage(error: ValueError, resource: unknown): ExtendedInfo {
  const name = nameOf(error);
  if (error.type === ValueErrorType.ObjectAdditionalProperties) {
    return message(
      at(resource, error.path) === undefined ? 'PropertyUnknown' : 'PropertyNotWritable',
      [name],
      `#${error.path}`,
    );
  }
  if (error.type === ValueErrorType.ObjectRequiredProperty) return message('PropertyMissing', [name], `#${error.path}`);
  const args = [shown(error.value), name];
  if (listTypes.includes(error.type) && typeof error.value === 'string')
    return message('PropertyValueNotInList', args, `#${error.path}`);
  if (outOfRange.includes(error.type)) return message('PropertyValueOutOfRange', args, `#${error.path}`);
  if (error.type === ValueErrorType.StringPattern) return message('PropertyValueFormatError', args, `#${error.path}`);
  return message('PropertyValueTypeError', args, `#${error.path}`);
}

function parameterMessage(error: ValueError, action: string): ExtendedInfo {
  const name = nameOf(error);
  if (error.type === ValueErrorType.ObjectAdditionalProperties)
    return message('ActionParameterUnknown', [action, name]);
  if (error.type === ValueErrorType.ObjectRequiredProperty) return message('ActionParameterMissing', [action, name]);
  const inList = listTypes.includes(error.type) && typeof error.value === 'string';
  return message(inList ? 'ActionParameterValueNotInList' : 'ActionParameterValueTypeError', [
    shown(error.value),
    name,
    action,
  ]);
}

/** A PATCH (or POST to a collection) checked against what may be written. `resource` tells unknown from read-only properties. */
export function checkProperties<S extends TSchema>(schema: S, body: Fields, resource: unknown): Static<S> {
  if (Object.keys(body).length === 0) throw new RedfishFault(400, [message('EmptyJSON')]);
  if (Value.Check(schema, body)) return body;
  throw new RedfishFault(
    400,
    [...firstOfEach(Value.Errors(schema, body))].map((error) => propertyMessage(error, resource)),
  );
}

/** An action's parameters checked against its schema. */
export function checkParameters<S extends TSchema>(schema: S, body: Fields, action: string): Static<S> {
  if (Value.Check(schema, body)) return body;
  throw new RedfishFault(
    400,
    [...firstOfEach(Value.Errors(schema, body))].map((error) => parameterMessage(error, action)),
  );
}
