// How roles reach people: groups, inheritance, implied roles, and what the list of assignments says.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { adminPassword, adminScope, testIdentity } from '../testing/index.ts';

const cloud = await testIdentity();
const { http, login, as } = cloud;
let admin: { 'x-auth-token': string };
const ids: Record<string, string> = {};

async function make(path: string, body: Record<string, Record<string, unknown>>): Promise<string> {
  const answer = await http.post(path, body, admin);
  expect(answer.status).toBe(201);
  return answer.json[Object.keys(body)[0] ?? ''].id;
}

beforeAll(async () => {
  admin = await as('admin', adminPassword, adminScope);
  ids.domain = await make('/v3/domains', { domain: { name: 'farm' } });
  ids.top = await make('/v3/projects', { project: { name: 'top', domain_id: ids.domain } });
  ids.leaf = await make('/v3/projects', { project: { name: 'leaf', parent_id: ids.top } });
  ids.user = await make('/v3/users', { user: { name: 'lea', password: 'p' } });
  ids.group = await make('/v3/groups', { group: { name: 'hands' } });
  for (const name of ['member', 'reader', 'admin'])
    ids[name] = (await http.get(`/v3/roles?name=${name}`, admin)).json.roles[0].id;
});
afterAll(() => cloud.drop());

test('an inherited role of a group reaches the projects below, with what it implies', async () => {
  await http.put(`/v3/groups/${ids.group}/users/${ids.user}`, undefined, admin);
  const grant = `/v3/OS-INHERIT/domains/${ids.domain}/groups/${ids.group}/roles/${ids.member}/inherited_to_projects`;
  expect((await http.put(grant, undefined, admin)).status).toBe(204);
  const { token } = (await login('lea', 'p', { project: { id: ids.leaf } })).json;
  expect(token.roles.map((role: { name: string }) => role.name)).toEqual(['member', 'reader']);
  expect((await login('lea', 'p', { domain: { id: ids.domain } })).status).toBe(401);
  const lea = await as('lea', 'p', 'unscoped');
  const reach = (await http.get('/v3/auth/projects', lea)).json.projects;
  expect(reach.map((one: { name: string }) => one.name)).toEqual(['leaf', 'top']);
});

test('the list shows assignments as they were made, or in effect with names', async () => {
  const made = (await http.get(`/v3/role_assignments?scope.domain.id=${ids.domain}`, admin)).json.role_assignments;
  expect(made).toHaveLength(1);
  expect(made[0].scope['OS-INHERIT:inherited_to']).toBe('projects');
  const query = `effective&include_names&user.id=${ids.user}&scope.project.id=${ids.leaf}`;
  const effective = (await http.get(`/v3/role_assignments?${query}`, admin)).json.role_assignments;
  expect(effective.map((one: { role: { name: string } }) => one.role.name)).toEqual(['member', 'reader']);
  expect(effective[0].user).toEqual({ id: ids.user, name: 'lea', domain: { id: 'default', name: 'Default' } });
  expect(effective[0].links.membership).toContain(`/groups/${ids.group}/users/${ids.user}`);
});

test('a domain reader sees the own domain and nothing else', async () => {
  await http.put(`/v3/domains/${ids.domain}/users/${ids.user}/roles/${ids.reader}`, undefined, admin);
  const lea = await as('lea', 'p', { domain: { id: ids.domain } });
  const projects = (await http.get('/v3/projects', lea)).json.projects;
  expect(projects.map((one: { name: string }) => one.name)).toEqual(['leaf', 'top']);
  expect((await http.get('/v3/projects?domain_id=default', lea)).json.projects).toEqual([]);
  expect((await http.get('/v3/services', lea)).status).toBe(403);
  expect((await http.post('/v3/projects', { project: { name: 'x', domain_id: ids.domain } }, lea)).status).toBe(403);
});

test('a system reader sees everything and changes nothing', async () => {
  await http.put(`/v3/system/users/${ids.user}/roles/${ids.reader}`, undefined, admin);
  const lea = await as('lea', 'p', { system: { all: true } });
  for (const path of ['/v3/users', '/v3/services', '/v3/role_assignments', '/v3/domains'])
    expect((await http.get(path, lea)).status).toBe(200);
  expect((await http.post('/v3/regions', { region: { id: 'r' } }, lea)).status).toBe(403);
});

test('implied roles go in no circle', async () => {
  const answer = await http.put(`/v3/roles/${ids.reader}/implies/${ids.admin}`, undefined, admin);
  expect(answer.status).toBe(403);
});

test('a project with children is not deleted, a domain only when it is disabled', async () => {
  expect((await http.delete(`/v3/projects/${ids.top}`, admin)).status).toBe(403);
  expect((await http.delete(`/v3/domains/${ids.domain}`, admin)).status).toBe(403);
  expect((await http.patch(`/v3/domains/${ids.domain}`, { domain: { enabled: false } }, admin)).status).toBe(200);
  expect((await http.delete(`/v3/domains/${ids.domain}`, admin)).status).toBe(204);
  expect((await http.get(`/v3/projects/${ids.leaf}`, admin)).status).toBe(404);
});
