// Answers with the headers that placement's microversions ask for.
import { type Answer, type ApiRequest, commonErrors } from '../../openstack/index.ts';
import { since } from './version.ts';

/** JSON, or bytes that are JSON already. From 1.15 on with `Last-Modified` (milliseconds; default: now) and `Cache-Control`. */
export function answer(
  request: ApiRequest,
  body: unknown,
  options: { status?: number; modified?: number; headers?: Readonly<Record<string, string>> } = {},
): Answer {
  return {
    status: options.status ?? 200,
    body,
    headers: { 'content-type': 'application/json', ...cacheHeaders(request, options.modified), ...options.headers },
  };
}

export function cacheHeaders(request: ApiRequest, modified?: number): Record<string, string> {
  if (!since(request, 15)) return {};
  return {
    'cache-control': 'no-cache',
    'last-modified': (modified === undefined ? new Date() : new Date(modified)).toUTCString(),
  };
}

/** Throws 406 unless the client takes JSON. */
export function acceptsJson(request: ApiRequest): void {
  const { accept } = request.headers;
  if (accept === undefined || accept === '' || accept === 'application/json') return;
  const ranges = (Array.isArray(accept) ? accept.join(',') : accept).split(',');
  const taken = ranges.some((range) => {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    const refused = parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter));
    return !refused && (type === '*/*' || type === 'application/*' || type === 'application/json');
  });
  if (!taken) throw commonErrors.NotAcceptable('Only application/json is provided');
}
