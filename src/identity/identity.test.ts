// What a client of identity can rely on: tokens, scopes, catalogue, revocation.
import { afterAll, describe, expect, test } from 'vitest';
import { adminPassword, adminScope, testIdentity } from './testing/index.ts';

const cloud = await testIdentity();
afterAll(() => cloud.drop());
const { http, login, as } = cloud;

describe('authentication', () => {
  test('gives a project token with roles and a catalogue', async () => {
    const answer = await login('admin', adminPassword, adminScope);
    expect(answer.status).toBe(201);
    const { token } = answer.json;
    expect(token.project.name).toBe('admin');
    expect(token.roles.map((role: { name: string }) => role.name)).toEqual(['admin', 'manager', 'member', 'reader']);
    expect(token.catalog[0].endpoints[0].url).toBe('http://cloud/identity');
    expect(answer.text).not.toContain(adminPassword);
  });

  test('gives system, domain-less and unscoped tokens as asked', async () => {
    expect((await login('admin', adminPassword, { system: { all: true } })).json.token.system).toEqual({ all: true });
    const unscoped = (await login('admin', adminPassword, 'unscoped')).json.token;
    expect([unscoped.roles, unscoped.catalog, unscoped.project]).toEqual([undefined, undefined, undefined]);
    expect((await login('admin', adminPassword, { domain: { id: 'default' } })).status).toBe(401);
  });

  test('refuses a wrong password, an unknown user and an unknown project alike', async () => {
    const answers = await Promise.all([
      login('admin', 'wrong', adminScope),
      login('nobody', adminPassword, adminScope),
      login('admin', adminPassword, { project: { name: 'nowhere', domain: { id: 'default' } } }),
    ]);
    expect(answers.map((answer) => answer.status)).toEqual([401, 401, 401]);
    expect(new Set(answers.map((answer) => answer.json.error.message)).size).toBe(1);
  });

  test('rescopes a token, keeps its end and its chain', async () => {
    const first = await login('admin', adminPassword, 'unscoped');
    const again = await http.post('/v3/auth/tokens', {
      auth: {
        identity: { methods: ['token'], token: { id: first.headers.get('x-subject-token') } },
        scope: adminScope,
      },
    });
    expect(again.status).toBe(201);
    expect(again.json.token.expires_at).toBe(first.json.token.expires_at);
    expect(again.json.token.audit_ids[1]).toBe(first.json.token.audit_ids[0]);
    expect(again.json.token.methods).toEqual(['token', 'password']);
  });

  test('ends a token the moment it is revoked', async () => {
    const admin = await as('admin', adminPassword, adminScope);
    const doomed = await as('admin', adminPassword, adminScope);
    expect((await http.get('/v3/projects', doomed)).status).toBe(200);
    const subject = { ...admin, 'x-subject-token': doomed['x-auth-token'] };
    expect((await http.get('/v3/auth/tokens', subject)).json.token.user.name).toBe('admin');
    expect((await http.delete('/v3/auth/tokens', subject)).status).toBe(204);
    expect((await http.get('/v3/projects', doomed)).status).toBe(401);
    expect((await http.get('/v3/auth/tokens', subject)).status).toBe(404);
  });

  test('accepts tokens of the key before after a rotation', async () => {
    const before = await as('admin', adminPassword, adminScope);
    await cloud.identity.rotateKeys();
    const after = await as('admin', adminPassword, adminScope);
    expect((await http.get('/v3/projects', before)).status).toBe(200);
    expect((await http.get('/v3/projects', after)).status).toBe(200);
    const kid = (token: string) => JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()).kid;
    expect(kid(before['x-auth-token'])).not.toBe(kid(after['x-auth-token']));
  });

  test('refuses a token that was changed by one character', async () => {
    const { 'x-auth-token': token } = await as('admin', adminPassword, adminScope);
    const [head, payload, signature = ''] = token.split('.');
    const forged = `${head}.${payload}.${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`;
    expect((await http.get('/v3/projects', { 'x-auth-token': forged })).status).toBe(401);
  });

  test('starts again with the same catalogue and moves it when the address changes', async () => {
    await cloud.identity.bootstrap({
      adminPassword,
      region: 'RegionOne',
      endpoints: [{ type: 'identity', name: 'keystone', url: 'http://cloud:2/identity' }],
    });
    const { catalog } = (await login('admin', adminPassword, adminScope)).json.token;
    expect(catalog).toHaveLength(1);
    expect(catalog[0].endpoints.map((endpoint: { url: string }) => endpoint.url)).toEqual([
      'http://cloud:2/identity',
      'http://cloud:2/identity',
      'http://cloud:2/identity',
    ]);
  });
});

describe('a user with the role reader on a project', () => {
  test('sees its own things and changes nothing', async () => {
    const admin = await as('admin', adminPassword, adminScope);
    const project = (await http.post('/v3/projects', { project: { name: 'garden' } }, admin)).json.project;
    const user = (await http.post('/v3/users', { user: { name: 'rita', password: 'p' } }, admin)).json.user;
    const role = (await http.get('/v3/roles?name=reader', admin)).json.roles[0];
    const grant = `/v3/projects/${project.id}/users/${user.id}/roles/${role.id}`;
    expect((await http.put(grant, undefined, admin)).status).toBe(204);
    const rita = await as('rita', 'p', { project: { id: project.id } });
    expect((await http.get(`/v3/projects/${project.id}`, rita)).status).toBe(200);
    expect((await http.get(`/v3/users/${user.id}`, rita)).status).toBe(200);
    expect((await http.get('/v3/users', rita)).status).toBe(403);
    expect((await http.post('/v3/projects', { project: { name: 'x' } }, rita)).status).toBe(403);
    expect((await http.delete(grant, admin)).status).toBe(204);
    expect((await http.get(`/v3/projects/${project.id}`, rita)).status).toBe(401);
  });
});
