// Asks two Placement servers the same random conversation and tells where their answers differ.
import { request } from 'undici';
import type { Service } from '../../service/service.ts';
import { type Asked, consumers, conversation, providers, type World } from './conversation.ts';

export interface Difference {
  readonly asked: Asked;
  readonly where: string;
  readonly peer: unknown;
  readonly ours: unknown;
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: unknown;
}

const comparedHeaders = [
  'content-type',
  'openstack-api-version',
  'vary',
  'cache-control',
  'location',
  'allow',
] as const;

/** Requests that one conversation makes before the world is emptied again. */
const conversationLength = 60;

/**
 * Both begin and end without providers. A conversation ends where the servers come to know different things: what follows
 * would only show the same difference again.
 */
export async function compareServices(
  peer: Service,
  ours: Service,
  { seed, count }: { readonly seed: number; readonly count: number },
): Promise<Difference[]> {
  const found: Difference[] = [];
  for (let begun = 0, at = seed; begun < count; begun += conversationLength, at++) {
    found.push(...(await converse(peer, ours, at)));
    await Promise.all([clear(peer), clear(ours)]);
  }
  return found;
}

async function converse(peer: Service, ours: Service, seed: number): Promise<Difference[]> {
  const look = async (path: string) => (await ask(peer, { method: 'GET', path, version: '1.39' })).body;
  const world: World = {
    providerGeneration: async (uuid) => numberAt(await look(`/resource_providers/${uuid}`), 'generation'),
    consumerGeneration: async (uuid) => numberAt(await look(`/allocations/${uuid}`), 'consumer_generation'),
  };
  const next = conversation(seed, world);
  const found: Difference[] = [];
  for (let at = 0; at < conversationLength; at++) {
    const asked = await next();
    const [theirs, own] = await Promise.all([ask(peer, asked), ask(ours, asked)]);
    const difference = differenceOf(asked, theirs, own);
    if (difference) found.push(difference);
    if (asked.method === 'GET') continue;
    const [known, ownKnown] = await Promise.all([knowledge(peer), knowledge(ours)]);
    if (known === ownKnown) continue;
    found.push({ asked, where: 'what is known after it', peer: known, ours: ownKnown });
    break;
  }
  return found;
}

/** Providers with their generations and places, and what the consumers hold. */
async function knowledge(service: Service): Promise<string> {
  const all = [
    '/resource_providers',
    ...providers.map((uuid) => `/resource_providers/${uuid}/inventories`),
    ...consumers.map((uuid) => `/allocations/${uuid}`),
  ];
  const answers = await Promise.all(all.map((path) => ask(service, { method: 'GET', path, version: '1.39' })));
  return answers.map(({ status, body }) => (status === 200 ? JSON.stringify(comparable(body)) : status)).join('\n');
}

async function clear(service: Service): Promise<void> {
  for (const uuid of consumers) await ask(service, { method: 'DELETE', path: `/allocations/${uuid}`, version: '1.39' });
  for (;;) {
    const { body } = await ask(service, { method: 'GET', path: '/resource_providers', version: '1.39' });
    const left = providersIn(body);
    if (left.length === 0) return;
    for (const uuid of left)
      await ask(service, { method: 'DELETE', path: `/resource_providers/${uuid}`, version: '1.39' });
  }
}

function providersIn(body: unknown): string[] {
  const list = typeof body === 'object' && body !== null && 'resource_providers' in body ? body.resource_providers : [];
  return Array.isArray(list) ? list.map((one: { uuid: string }) => one.uuid) : [];
}

async function ask(service: Service, { method, path, version, body, headers = {} }: Asked): Promise<Answer> {
  const answer = await request(`${service.url}${path}`, {
    method,
    headers: {
      'x-auth-token': 'admin',
      accept: 'application/json',
      ...(version === undefined ? {} : { 'openstack-api-version': `placement ${version}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    body: body === undefined ? null : JSON.stringify(body),
  });
  const text = await answer.body.text();
  return { status: answer.statusCode, headers: answer.headers, body: parsed(text) };
}

function parsed(text: string): unknown {
  try {
    return text === '' ? undefined : JSON.parse(text);
  } catch {
    return text;
  }
}

function differenceOf(asked: Asked, peer: Answer, ours: Answer): Difference | undefined {
  if (peer.status !== ours.status && peer.status !== 500)
    return { asked, where: 'status', peer: [peer.status, peer.body], ours: [ours.status, ours.body] };
  // The peer's own failures on PostgreSQL are nothing to be like.
  if (peer.status === 500) return undefined;
  for (const name of peer.status < 400 ? comparedHeaders : []) {
    const [theirs, own] = [peer.headers[name], ours.headers[name]].map((value) => pathOnly(value));
    if (theirs !== own) return { asked, where: `header ${name}`, peer: theirs ?? null, ours: own ?? null };
  }
  const [theirs, own] = [peer, ours].map(({ body }) => JSON.stringify(comparable(body)));
  return theirs === own ? undefined : { asked, where: 'body', peer: theirs, ours: own };
}

/** Addresses differ by host and mount; what follows counts. */
function pathOnly(value: string | string[] | undefined): string | undefined {
  return value === undefined ? undefined : String(value).replace(/^https?:\/\/[^/]+(\/placement)?/, '');
}

/** The answer without what may differ: request ids, mounts, and the order of what has no order. */
function comparable(value: unknown): unknown {
  if (typeof value === 'string')
    return (
      value
        .replace(/^\/placement(?=\/)/, '')
        // Behind this the peer prints its schema as Python does.
        .replace(/\s+Failed validating[\s\S]*/, '')
        .replace(/'[^']+'(, '[^']+')+/g, (list) => list.split(', ').sort().join(', '))
        .replace(/\s+/g, ' ')
        .trim()
    );
  if (Array.isArray(value)) {
    const members = value.map(comparable);
    return members.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => key !== 'request_id')
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, member]) => [key, comparable(member)]),
  );
}

function numberAt(value: unknown, key: string): number | null {
  if (typeof value !== 'object' || value === null) return null;
  const found = Object.entries(value).find(([name]) => name === key)?.[1];
  return typeof found === 'number' ? found : null;
}
