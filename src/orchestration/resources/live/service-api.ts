// Calls another service's API within the process, as the owner of a stack: its rules and checks hold for templates too.
import fastify from 'fastify';
import { type Api, type Caller, createEnforcer, mountApi } from '../../../openstack/index.ts';
import { OperationFailed, OperationParked } from '../../../operations/index.ts';

export interface ServiceApi {
  /**
   * The answer's JSON; undefined for 404 (which fails a POST), and for 409 where `taken` says that the caller deals with it.
   * @throws OperationFailed with the service's own words when it refuses; OperationParked when it fails
   */
  call(
    caller: Caller,
    method: 'GET' | 'POST' | 'PUT' | 'DELETE',
    path: string,
    body?: unknown,
    options?: { readonly taken?: 'undefined' },
  ): Promise<Readonly<Record<string, unknown>> | undefined>;
}

/** `version` is the path of the API's version, `enforcer` the policy that holds (default: the service's own). Nothing listens: requests go straight into the service's routes. */
export function serviceApi(api: Api, version: string, enforcer = createEnforcer(api.policy)): ServiceApi {
  const app = fastify({ bodyLimit: api.bodyLimit ?? 1024 * 1024, routerOptions: { ignoreTrailingSlash: true } });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, _payload, done) => done(null));
  const callers = new Map<string, Caller>();
  let last = 0;
  mountApi(app, api, {
    enforcer,
    authenticate: async (given) => callers.get(String(given['x-call'])),
  });
  return {
    async call(caller, method, path, body, { taken } = {}) {
      const key = String(++last);
      callers.set(key, caller);
      try {
        const answer = await app.inject({
          method,
          url: `${api.path}${version}${path}`,
          headers: { 'x-call': key, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
          ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
        });
        const text = answer.body;
        if ((answer.statusCode === 404 && method !== 'POST') || (answer.statusCode === 409 && taken === 'undefined'))
          return undefined;
        if (answer.statusCode >= 500) throw new OperationParked(faultText(text), `See the log of ${api.service}.`);
        if (answer.statusCode >= 400) throw new OperationFailed(faultText(text), '');
        return text === '' ? {} : asMap(JSON.parse(text));
      } finally {
        callers.delete(key);
      }
    },
  };
}

function asMap(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

/** The message inside Nova's `{badRequest: {message}}` or Neutron's `{NeutronError: {message}}`. */
function faultText(text: string): string {
  try {
    const [fault] = Object.values(asMap(JSON.parse(text)));
    const { message } = asMap(fault);
    return typeof message === 'string' ? message : text;
  } catch {
    return text;
  }
}
