// Words for a violated schema, in the form of Python's jsonschema, which placement's clients know.
import type { SchemaFault } from '../../openstack/index.ts';

/** Describes the violation nearest to the root, and where its keyword and its value stand. */
export function describeViolation(faults: readonly SchemaFault[]): string {
  const [fault] = [...faults].sort((a, b) => depth(a) - depth(b));
  if (!fault) return '';
  const keyword = fault.keyword;
  const schemaPath = fault.schemaPath.replace(/^#\/?/, '').split('/').slice(0, -1);
  const instancePath = fault.pointer.split('/').slice(1);
  return (
    `${sentence(fault)}\n\nFailed validating '${keyword}' in schema${subscripts(schemaPath)}:\n` +
    `    ${python(withoutSymbols(fault.schema))}\n\nOn instance${subscripts(instancePath)}:\n    ${python(fault.value)}`
  );
}

function depth(fault: SchemaFault): number {
  return fault.pointer.split('/').length;
}

function subscripts(path: readonly string[]): string {
  return path.map((part) => `['${decodeURIComponent(part.replaceAll('~1', '/').replaceAll('~0', '~'))}']`).join('');
}

function sentence(fault: SchemaFault): string {
  const value = python(fault.value);
  const { schema, params } = fault;
  switch (fault.keyword) {
    case 'required':
      return `${python(params.missingProperty)} is a required property`;
    case 'type':
      return `${value} is not of type ${[schema.type].flat().map(python).join(', ')}`;
    case 'minimum':
      return `${value} is less than the minimum of ${python(schema.minimum)}`;
    case 'maximum':
      return `${value} is greater than the maximum of ${python(schema.maximum)}`;
    case 'minLength':
    case 'minItems':
      return `${value} is too short`;
    case 'maxLength':
    case 'maxItems':
      return `${value} is too long`;
    case 'minProperties':
      return `${value} does not have enough properties`;
    case 'uniqueItems':
      return `${value} has non-unique elements`;
    case 'pattern':
      return `${value} does not match ${python(schema.pattern)}`;
    case 'format':
      return `${value} is not a '${String(schema.format).replace('uuid-like', 'uuid')}'`;
    case 'enum':
      return `${value} is not one of ${python(schema.enum)}`;
    case 'additionalProperties':
      return unexpected(fault);
    default:
      return `${value} is not valid under the given schema (${fault.keyword})`;
  }
}

function unexpected({ schema, value }: SchemaFault): string {
  const patterns = keys(schema.patternProperties);
  const known = new Set(keys(schema.properties));
  const extra = keys(value)
    .filter((key) => !known.has(key) && !patterns.some((pattern) => new RegExp(pattern).test(key)))
    .sort();
  if (patterns.length > 0)
    return `${extra.map(python).join(', ')} ${extra.length > 1 ? 'do' : 'does'} not match any of the regexes: ${patterns.sort().map(python).join(', ')}`;
  return `Additional properties are not allowed (${extra.map(python).join(', ')} ${extra.length > 1 ? 'were' : 'was'} unexpected)`;
}

function keys(value: unknown): string[] {
  return typeof value === 'object' && value !== null ? Object.keys(value) : [];
}

/** Schemas carry symbols of the library that built them; JSON drops them. */
function withoutSymbols(schema: unknown): unknown {
  return JSON.parse(JSON.stringify(schema));
}

/** A value as Python would print it. */
export function python(value: unknown): string {
  if (value === null || value === undefined) return 'None';
  if (value === true) return 'True';
  if (value === false) return 'False';
  if (typeof value === 'string')
    return value.includes("'") && !value.includes('"') ? `"${value}"` : `'${value.replaceAll("'", "\\'")}'`;
  if (Array.isArray(value)) return `[${value.map(python).join(', ')}]`;
  if (typeof value === 'object')
    return `{${Object.entries(value)
      .map(([key, one]) => `${python(key)}: ${python(one)}`)
      .join(', ')}}`;
  return String(value);
}
