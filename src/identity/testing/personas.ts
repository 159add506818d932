// People with one role in one place each, and things for them to reach: what tables of who may do what are tried with.

import { randomUUID } from 'node:crypto';
import type { Access } from './access.data.ts';

/** An identity service, ours or another, as an administrator of the project `admin` sees it. */
export interface Cloud {
  /** Calls below `/v3`; the answer's body is parsed. */
  call(method: string, path: string, body: unknown, token: string, subject?: string): Promise<Reply>;
  login(user: { id: string; password: string }, scope: unknown): Promise<string>;
  readonly admin: string;
}

export interface Reply {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: answers of every shape.
  readonly body: any;
}

/** Two letters a persona: the scope (system, domain, project), then the role. */
export const personas = {
  sa: ['system', 'admin'],
  sm: ['system', 'member'],
  sr: ['system', 'reader'],
  da: ['domain', 'admin'],
  dg: ['domain', 'manager'],
  dm: ['domain', 'member'],
  dr: ['domain', 'reader'],
  pa: ['project', 'admin'],
  pg: ['project', 'manager'],
  pm: ['project', 'member'],
  pr: ['project', 'reader'],
  ps: ['project', 'service'],
  un: ['unscoped', undefined],
} as const;
export type Persona = keyof typeof personas;
export const personaNames = Object.keys(personas).filter((name): name is Persona => Object.hasOwn(personas, name));

export interface Stage {
  readonly cloud: Cloud;
  readonly tokens: ReadonlyMap<Persona, string>;
  /** Each persona's own user. */
  readonly users: ReadonlyMap<Persona, string>;
  /** Makes a new thing of a kind, in the personas' domain unless the kind says `other`; returns its id. */
  make(kind: string, attributes?: object): Promise<string>;
  readonly ids: Readonly<Record<string, string>>;
}

const wrapped: Readonly<Record<string, string>> = { service: 'services', endpoint: 'endpoints', region: 'regions' };

export async function setStage(cloud: Cloud): Promise<Stage> {
  let made = 0;
  const post = async (path: string, body: Record<string, object>): Promise<string> => {
    const answer = await cloud.call('POST', path, body, cloud.admin);
    if (answer.status !== 201) throw new Error(`POST ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body[Object.keys(body)[0] ?? ''].id;
  };
  const put = async (path: string) => {
    const answer = await cloud.call('PUT', path, undefined, cloud.admin);
    if (answer.status >= 300) throw new Error(`PUT ${path}: ${answer.status}`);
  };
  const name = (kind: string) => `${kind}-${++made}`;
  const domain = await post('/domains', { domain: { name: name('own') } });
  const other = await post('/domains', { domain: { name: name('other') } });
  const service = await post('/services', { service: { type: name('type'), name: 'staged' } });
  const attributesOf = (kind: string): Record<string, unknown> => {
    const domain_id = kind.startsWith('other-') ? other : domain;
    switch (kind.replace('other-', '')) {
      case 'service':
        return { type: name('type') };
      case 'endpoint':
        return { service_id: service, interface: 'public', url: 'http://x' };
      case 'region':
        return { id: name('region') };
      case 'policy':
        return { type: 'text/plain', blob: 'x' };
      case 'role':
      case 'domain':
        return { name: name(kind), ...(kind === 'domain' ? { enabled: false } : {}) };
      case 'domain-role':
        return { name: name(kind), domain_id };
      default:
        return { name: name(kind), domain_id };
    }
  };
  const make: Stage['make'] = (kind, attributes = {}) => {
    const member = kind.replace(/^other-|^domain-(?=role)/g, '');
    const path = `/${wrapped[member] ?? (member === 'policy' ? 'policies' : `${member}s`)}`;
    return post(path, { [member]: { ...attributesOf(kind), ...attributes } });
  };
  const project = await make('project');
  const ids: Record<string, string> = { domain, other, service, project };
  for (const kind of [
    'user',
    'group',
    'other-user',
    'other-group',
    'other-project',
    'endpoint',
    'region',
    'policy',
    'role',
    'domain-role',
  ])
    ids[kind] = await make(kind);
  for (const role of ['admin', 'manager', 'member', 'reader', 'service']) {
    const found = await cloud.call('GET', `/roles?name=${role}`, undefined, cloud.admin);
    ids[role] = found.body.roles[0]?.id ?? (await post('/roles', { role: { name: role } }));
  }
  const entries: [Persona, { token: string; user: string }][] = [];
  for (const persona of personaNames) {
    const [scope, role] = personas[persona];
    const user = await make('user', { password: 'secret' });
    const path = { system: '/system', domain: `/domains/${domain}`, project: `/projects/${project}`, unscoped: '' }[
      scope
    ];
    if (role !== undefined) await put(`${path}/users/${user}/roles/${ids[role]}`);
    const wanted = {
      system: { system: { all: true } },
      domain: { domain: { id: domain } },
      project: { project: { id: project } },
      unscoped: 'unscoped',
    }[scope];
    entries.push([persona, { user, token: await cloud.login({ id: user, password: 'secret' }, wanted) }]);
  }
  return {
    cloud,
    tokens: new Map(entries.map(([persona, { token }]) => [persona, token])),
    users: new Map(entries.map(([persona, { user }]) => [persona, user])),
    make,
    ids,
  };
}

/** Carries out a call of a table as a persona. */
export async function attempt(stage: Stage, persona: Persona, { call, body, subject }: Access): Promise<Reply> {
  const { cloud, tokens, users, ids, make } = stage;
  const fresh = new Map<string, string>();
  for (const [word, kind = ''] of call.matchAll(/\{new:([\w-]+)\}/g)) fresh.set(word, await make(kind));
  const fill = (text: string) =>
    text.replace(/\{[\w:-]+\}/g, (word) => {
      if (word === '{self}') return users.get(persona) ?? '';
      if (word === '{unique}') return `made-${randomUUID()}`;
      return fresh.get(word) ?? ids[word.slice(1, -1)] ?? word;
    });
  const [method = '', path = ''] = call.split(' ');
  return cloud.call(
    method,
    fill(path),
    body === undefined ? undefined : JSON.parse(fill(JSON.stringify(body))),
    tokens.get(persona) ?? '',
    subject && tokens.get(subject),
  );
}
