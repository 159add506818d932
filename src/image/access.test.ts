// Who may do what with the images of a project: upstream's rules, persona by persona.
import { afterAll, expect, test } from 'vitest';
import { type Access, cases, ownProject, personas } from '../openstack/testing/personas.ts';
import { startTestImages } from './testing/images.ts';

const service = await startTestImages();
const { http } = service;
afterAll(() => service.stop());

const patch = (path: string, value: unknown) => [{ op: 'add', path, value }];

// Statuses:                       admin manager member reader service outsider systemReader guest
const table: readonly Access[] = [
  ['POST', '/v2/images', { name: 'x' }, '201 201 201 403 403 201 403 403'],
  ['POST', '/v2/images', { owner: ownProject }, '201 201 201 403 403 403 403 403'],
  ['POST', '/v2/images', { visibility: 'public' }, '201 403 403 403 403 403 403 403'],
  ['POST', '/v2/images', { visibility: 'community' }, '201 201 201 403 403 201 403 403'],
  ['GET', '/v2/images', undefined, '200 200 200 200 403 200 403 403'],
  ['GET', '/v2/images/PRIVATE', undefined, '200 200 200 200 404 404 404 404'],
  ['GET', '/v2/images/PUBLIC', undefined, '200 200 200 200 404 200 200 404'],
  ['GET', '/v2/images/SHARED', undefined, '200 200 200 200 404 200 404 404'],
  ['PATCH', '/v2/images/PRIVATE', patch('/name', 'y'), '200 200 200 403 404 404 404 404'],
  ['PATCH', '/v2/images/PUBLIC', patch('/name', 'y'), '200 403 403 403 404 403 403 404'],
  ['PATCH', '/v2/images/SHARED', patch('/name', 'y'), '200 200 200 403 404 403 404 404'],
  ['PATCH', '/v2/images/PRIVATE', patch('/visibility', 'public'), '200 403 403 403 404 404 404 404'],
  ['PATCH', '/v2/images/PRIVATE', patch('/visibility', 'community'), '200 200 200 403 404 404 404 404'],
  ['DELETE', '/v2/images/PRIVATE', undefined, '204 204 204 403 404 404 404 404'],
  ['DELETE', '/v2/images/PUBLIC', undefined, '204 403 403 403 404 403 403 404'],
  ['DELETE', '/v2/images/SHARED', undefined, '204 204 204 403 404 403 404 404'],
  ['GET', '/v2/images/PRIVATE/file', undefined, '200 200 200 403 404 404 404 404'],
  ['GET', '/v2/images/SHARED/file', undefined, '200 200 200 403 404 200 404 404'],
  ['PUT', '/v2/images/QUEUED/file', 'bytes', '204 204 204 403 404 404 404 404'],
  ['PUT', '/v2/images/QUEUED/stage', 'bytes', '204 204 204 403 404 404 404 404'],
  ['POST', '/v2/images/PRIVATE/actions/deactivate', undefined, '204 204 204 403 404 404 404 404'],
  ['PUT', '/v2/images/PRIVATE/tags/red', undefined, '204 204 204 403 404 404 404 404'],
  ['GET', '/v2/images/SHARED/members', undefined, '200 200 200 200 404 200 404 404'],
  ['POST', '/v2/images/SHARED/members', { member: 'third' }, '200 200 200 403 404 403 404 404'],
  ['PUT', '/v2/images/SHARED/members/other-project', { status: 'rejected' }, '200 403 403 403 404 200 404 404'],
  ['DELETE', '/v2/images/SHARED/members/other-project', undefined, '204 204 204 403 404 403 404 404'],
  ['GET', '/v2/tasks', undefined, '200 403 403 403 403 403 403 403'],
  ['GET', '/v2/info/stores', undefined, '200 200 200 200 200 200 200 200'],
  ['GET', '/v2/info/stores/detail', undefined, '200 403 403 403 403 403 403 403'],
  ['GET', '/v2/cache', undefined, '404 403 403 403 403 403 403 403'],
  ['POST', '/store/verify', {}, '202 403 403 403 403 403 403 403'],
  ['POST', '/v2/metadefs/namespaces', { namespace: 'NEW' }, '201 403 403 403 403 403 403 403'],
];

const octets = { 'content-type': 'application/octet-stream' };

/** Images of the project and a public one of another, made anew for each case. */
async function stage(): Promise<Record<string, string>> {
  service.caller = personas.admin;
  const make = async (attributes: object, data = true): Promise<string> => {
    const body = { disk_format: 'raw', container_format: 'bare', owner: ownProject, ...attributes };
    const { id } = (await http.post('/v2/images', body)).json;
    if (data) await http.put(`/v2/images/${id}/file`, Buffer.from('content'), octets);
    return id;
  };
  const ids: Record<string, string> = {
    PRIVATE: await make({ visibility: 'private' }),
    SHARED: await make({ visibility: 'shared' }),
    PUBLIC: await make({ visibility: 'public', owner: 'third' }),
    QUEUED: await make({ visibility: 'private' }, false),
    NEW: crypto.randomUUID(),
  };
  await http.post(`/v2/images/${ids.SHARED}/members`, { member: 'other-project' });
  return ids;
}

test.each(cases(table))('$persona: $method $path $body is $expected', async ({ persona: who, ...asked }) => {
  const { method, path, body, expected } = asked;
  const ids = await stage();
  const filled = (text: string) => text.replace(/PRIVATE|SHARED|PUBLIC|QUEUED|NEW/g, (name) => ids[name] ?? name);
  const type = method === 'PATCH' ? 'application/openstack-images-v2.1-json-patch' : 'application/json';
  service.caller = personas[who];
  const answer = await http.request(method, filled(path), {
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : filled(JSON.stringify(body)) }),
    headers: typeof body === 'string' ? octets : body === undefined ? {} : { 'content-type': type },
  });
  service.caller = personas.admin;
  expect(answer.status, answer.text).toBe(expected);
});
