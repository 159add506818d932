// Reads and checks a request's body by placement's rules.
import type { Static, TSchema } from '@sinclair/typebox';
import { type ApiRequest, commonErrors, violations } from '../../openstack/index.ts';
import { describeViolation } from './violation.ts';

const limitBytes = 64 * 1024 * 1024;

/**
 * The body, checked against `schema`. Throws 415 for any other type than application/json, 400 for a body without a type,
 * for text that is not JSON and for a violated schema, 413 past 64 MiB. `before` runs between reading and checking, so that a
 * missing provider is reported rather than a malformed body.
 */
export async function readBody<Schema extends TSchema>(
  request: ApiRequest,
  schema: Schema,
  orElse: (error: Error) => Promise<Error> | Error = (error) => error,
): Promise<Static<Schema>> {
  const text = await readText(request);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw await orElse(
      commonErrors.BadRequest(`Malformed JSON: ${cause instanceof Error ? cause.message : String(cause)}`),
    );
  }
  const faults = violations(schema, value, 'body');
  if (faults.length > 0)
    throw await orElse(commonErrors.BadRequest(`JSON does not validate: ${describeViolation(faults)}`));
  // The schema has just been checked.
  return value as Static<Schema>;
}

/** The query as an object, the last of several values for a name winning. Throws 400 for a violated schema. */
export function checkQuery(request: ApiRequest, schema: TSchema): Record<string, string> {
  const query = Object.fromEntries(request.search);
  const faults = violations(schema, query, 'query');
  if (faults.length > 0) throw commonErrors.BadRequest(`Invalid query string parameters: ${describeViolation(faults)}`);
  return query;
}

async function readText(request: ApiRequest): Promise<string> {
  const { 'content-type': type, 'content-length': length } = request.headers;
  if (!type && Number(length) > 0)
    throw commonErrors.BadRequest('content-type header required when content-length > 0');
  const media = String(type ?? '')
    .split(';')[0]
    ?.trim()
    .toLowerCase();
  if (media !== 'application/json')
    throw commonErrors.UnsupportedMediaType(`The media type ${media || 'None'} is not supported, use application/json`);
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request.raw) {
    const bytes: Buffer = Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk);
    size += bytes.length;
    if (size > limitBytes) throw commonErrors.PayloadTooLarge(limitBytes);
    chunks.push(bytes);
  }
  const [only] = chunks;
  return chunks.length === 1 && only ? only.toString('utf8') : Buffer.concat(chunks).toString('utf8');
}
