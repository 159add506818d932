// What delegated and guarded logins promise: application credentials, trusts, one-time passwords, lock-out.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { passcodeAt } from './auth/totp.ts';
import { adminPassword, adminScope, testIdentity } from './testing/index.ts';

let now = Date.parse('2026-03-01T12:00:00Z');
const cloud = await testIdentity({
  clock: () => new Date(now),
  passwordRules: { lockoutAttempts: 3, lockoutSeconds: 60, pattern: /^.{4,}$/, uniqueLastCount: 2 },
});
const { http, login, as } = cloud;
let admin: { 'x-auth-token': string };
let user: { id: string };
let project: { id: string };
const scope = () => ({ project: { id: project.id } });

async function roleId(name: string): Promise<string> {
  return (await http.get(`/v3/roles?name=${name}`, admin)).json.roles[0].id;
}

beforeAll(async () => {
  admin = await as('admin', adminPassword, adminScope);
  project = (await http.post('/v3/projects', { project: { name: 'garden' } }, admin)).json.project;
  user = (await http.post('/v3/users', { user: { name: 'mia', password: 'pass1' } }, admin)).json.user;
  await http.put(`/v3/projects/${project.id}/users/${user.id}/roles/${await roleId('member')}`, undefined, admin);
});
afterAll(() => cloud.drop());

describe('an application credential', () => {
  const loginWith = (id: string, secret: string) =>
    http.post('/v3/auth/tokens', {
      auth: { identity: { methods: ['application_credential'], application_credential: { id, secret } } },
    });

  test('logs in with no more than its roles and its access rules, and makes no others', async () => {
    const mia = await as('mia', 'pass1', scope());
    const path = `/v3/users/${user.id}/application_credentials`;
    const made = await http.post(
      path,
      {
        application_credential: {
          name: 'monitor',
          roles: [{ name: 'reader' }],
          access_rules: [{ service: 'identity', method: 'GET', path: '/v3/users/*' }],
        },
      },
      mia,
    );
    expect(made.status).toBe(201);
    const { id, secret } = made.json.application_credential;
    expect((await http.get(`${path}/${id}`, mia)).text).not.toContain(secret);
    const answer = await loginWith(id, secret);
    expect(answer.status).toBe(201);
    expect(answer.json.token.roles.map((role: { name: string }) => role.name)).toEqual(['reader']);
    const token = { 'x-auth-token': answer.headers.get('x-subject-token') ?? '' };
    expect((await http.get(`/v3/users/${user.id}`, token)).status).toBe(200);
    expect((await http.get(`/v3/projects/${project.id}`, token)).status).toBe(401);
    expect((await http.post(path, { application_credential: { name: 'more' } }, token)).status).toBe(401);
    expect((await loginWith(id, 'wrong')).status).toBe(401);
    expect((await http.delete(`${path}/${id}`, mia)).status).toBe(204);
    expect((await http.get(`/v3/users/${user.id}`, token)).status).toBe(401);
  });

  test('cannot be turned into a token of wider scope', async () => {
    const mia = await as('mia', 'pass1', scope());
    const made = await http.post(
      `/v3/users/${user.id}/application_credentials`,
      { application_credential: { name: 'plain', roles: [{ name: 'reader' }] } },
      mia,
    );
    const { id, secret } = made.json.application_credential;
    const token = (await loginWith(id, secret)).headers.get('x-subject-token');
    const exchange = (more: object) =>
      http.post('/v3/auth/tokens', { auth: { identity: { methods: ['token'], token: { id: token } }, ...more } });
    expect((await exchange({ scope: scope() })).status).toBe(403);
    const again = await exchange({});
    expect(again.json.token.roles.map((role: { name: string }) => role.name)).toEqual(['reader']);
    expect(again.json.token.application_credential.id).toBe(id);
  });
});

describe('a trust', () => {
  test('lets another act with the roles that it names, as often as it says', async () => {
    const other = (await http.post('/v3/users', { user: { name: 'tom', password: 'pass2' } }, admin)).json.user;
    const mia = await as('mia', 'pass1', scope());
    const made = await http.post(
      '/v3/OS-TRUST/trusts',
      {
        trust: {
          trustor_user_id: user.id,
          trustee_user_id: other.id,
          project_id: project.id,
          impersonation: true,
          remaining_uses: 1,
          roles: [{ name: 'reader' }],
        },
      },
      mia,
    );
    expect(made.status).toBe(201);
    const wanted = { 'OS-TRUST:trust': { id: made.json.trust.id } };
    const used = await login('tom', 'pass2', wanted);
    expect(used.json.token.user.name).toBe('mia');
    expect(used.json.token.roles.map((role: { name: string }) => role.name)).toEqual(['reader']);
    const token = { 'x-auth-token': used.headers.get('x-subject-token') ?? '' };
    for (const path of ['/v3/credentials', `/v3/users/${user.id}/application_credentials`])
      expect((await http.get(path, token)).status).toBe(403);
    expect((await login('tom', 'pass2', wanted)).status).toBe(403);
    expect((await login('mia', 'pass1', wanted)).status).toBe(403);
  });
});

describe('a one-time password', () => {
  test('is accepted once, together with the password when both are asked for', async () => {
    const seed = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
    const credential = { type: 'totp', blob: seed, user_id: user.id };
    expect((await http.post('/v3/credentials', { credential }, admin)).status).toBe(201);
    const passcode = passcodeAt(seed, Math.floor(now / 30_000));
    const attempt = () =>
      http.post('/v3/auth/tokens', {
        auth: {
          identity: {
            methods: ['password', 'totp'],
            password: { user: { id: user.id, password: 'pass1' } },
            totp: { user: { id: user.id, passcode } },
          },
          scope: scope(),
        },
      });
    await http.patch(
      `/v3/users/${user.id}`,
      { user: { options: { multi_factor_auth_rules: [['password', 'totp']] } } },
      admin,
    );
    expect((await attempt()).json.token.methods).toEqual(['password', 'totp']);
    expect((await attempt()).status).toBe(401);

    now += 60_000;
    const half = await login('mia', 'pass1', scope());
    expect([half.status, half.headers.get('x-subject-token')]).toEqual([401, null]);
    expect(half.json.required_auth_methods).toEqual([['password', 'totp']]);
    expect(half.json.receipt).toMatchObject({
      methods: ['password'],
      user: { id: user.id, domain: { id: 'default' } },
    });
    const receipt = half.headers.get('openstack-auth-receipt') ?? '';
    const rest = (headers: Record<string, string>, id = user.id) => {
      const totp = { user: { id, passcode: passcodeAt(seed, Math.floor(now / 30_000)) } };
      return http.post('/v3/auth/tokens', { auth: { identity: { methods: ['totp'], totp }, scope: scope() } }, headers);
    };
    expect((await rest({ 'openstack-auth-receipt': 'forged' })).status).toBe(401);
    now += 60_000;
    expect((await rest({ 'openstack-auth-receipt': receipt })).json.token.methods).toEqual(['totp', 'password']);
    expect((await http.get('/v3/auth/projects', { 'x-auth-token': receipt })).status).toBe(401);
    now += 300_000;
    expect((await rest({ 'openstack-auth-receipt': receipt })).status).toBe(401);
    await http.patch(`/v3/users/${user.id}`, { user: { options: { multi_factor_auth_rules: null } } }, admin);
  });

  test('has the codes of RFC 6238', () => {
    const seed = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
    expect([59, 1_111_111_109, 2_000_000_000].map((time) => passcodeAt(seed, Math.floor(time / 30)))).toEqual([
      '287082',
      '081804',
      '279037',
    ]);
  });
});

describe('passwords', () => {
  test('lock a user out after three failures, until the time is over', async () => {
    for (const _ of [1, 2, 3]) expect((await login('mia', 'wrong')).status).toBe(401);
    expect((await login('mia', 'pass1')).status).toBe(401);
    now += 61_000;
    expect((await login('mia', 'pass1')).status).toBe(201);
  });

  test('are changed by their owner, not to one used before, and end the tokens that were issued', async () => {
    const mia = await as('mia', 'pass1', scope());
    const change = (original_password: string, password: string) =>
      http.post(`/v3/users/${user.id}/password`, { user: { original_password, password } });
    expect((await change('wrong', 'pass9')).status).toBe(401);
    expect((await change('pass1', 'abc')).status).toBe(400);
    now += 1_000;
    expect((await change('pass1', 'pass9')).status).toBe(204);
    expect((await change('pass9', 'pass1')).status).toBe(400);
    expect((await http.get(`/v3/users/${user.id}`, mia)).status).toBe(401);
    expect((await login('mia', 'pass1')).status).toBe(401);
    expect((await login('mia', 'pass9')).status).toBe(201);
  });
});
