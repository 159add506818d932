// A session at an OpenStack identity service: a token and the endpoints that come with it.
import { AgentError } from '../errors.ts';
import { postJson } from '../http.ts';
import { isObject, type Json, listOf, objectOf, parseObject, textOf } from '../parse.ts';
import { requiredSetting } from './settings.ts';

export interface Credentials {
  readonly authUrl: string;
  readonly userId: string;
  readonly password: string;
  readonly projectId: string;
  /** Empty for any. */
  readonly region: string;
}

/** The credentials among a source's settings. Throws AgentError `metadata`, naming what is missing. */
export function credentialsOf(settings: Json, source: string): Credentials {
  return {
    authUrl: requiredSetting(settings, source, 'auth_url'),
    userId: requiredSetting(settings, source, 'user_id'),
    password: requiredSetting(settings, source, 'password'),
    projectId: requiredSetting(settings, source, 'project_id'),
    region: textOf(settings, 'region_name') ?? '',
  };
}

export interface KeystoneSession {
  readonly token: string;
  /** The public endpoint of a service type, without a trailing slash. Throws AgentError `refused` when the catalogue has none. */
  endpoint(type: string): string;
}

/** Authenticates by password (Identity API v3). Throws AgentError `refused` or `unreachable`. */
export async function keystoneSession(credentials: Credentials): Promise<KeystoneSession> {
  const root = credentials.authUrl.replace(/\/+$/, '').replace(/\/v2\.0$/, '');
  const url = `${/\/v3$/.test(root) ? root : `${root}/v3`}/auth/tokens`;
  const reply = await postJson(url, {
    auth: {
      identity: {
        methods: ['password'],
        password: { user: { id: credentials.userId, password: credentials.password } },
      },
      scope: { project: { id: credentials.projectId } },
    },
  });
  const token = reply.headers['x-subject-token'];
  if (reply.status !== 201 || typeof token !== 'string')
    throw new AgentError('refused', `${url}: HTTP ${reply.status}`);
  const body = objectOf(parseObject(reply.body, url), 'token') ?? {};
  return {
    token,
    endpoint(type) {
      for (const service of listOf(body, 'catalog')) {
        if (!isObject(service) || service.type !== type) continue;
        for (const endpoint of listOf(service, 'endpoints')) {
          if (!isObject(endpoint) || endpoint.interface !== 'public') continue;
          const region = textOf(endpoint, 'region') ?? textOf(endpoint, 'region_id') ?? '';
          const address = textOf(endpoint, 'url');
          if (address && (credentials.region === '' || region === credentials.region))
            return address.replace(/\/+$/, '');
        }
      }
      throw new AgentError('refused', `the catalogue of ${url} has no public endpoint of ${type}`);
    },
  };
}
