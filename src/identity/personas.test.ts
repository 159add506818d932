// Who may do what: every call of the table as every persona.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { policy } from './policy.data.ts';
import { access } from './testing/access.data.ts';
import { adminPassword, adminScope, testIdentity } from './testing/index.ts';
import { attempt, type Persona, personaNames, type Stage, setStage } from './testing/personas.ts';

const identity = await testIdentity();
let stage: Stage;

beforeAll(async () => {
  const { http } = identity;
  const admin = (await identity.as('admin', adminPassword, adminScope))['x-auth-token'];
  stage = await setStage({
    admin,
    async call(method, path, body, token, subject = '') {
      const headers = { 'x-auth-token': token, 'x-subject-token': subject };
      const answer = await http.request(method, `/v3${path}`, { body, headers });
      return { status: answer.status, body: answer.json };
    },
    async login(user, scope) {
      const shown = { methods: ['password'], password: { user } };
      const answer = await http.post('/v3/auth/tokens', { auth: { identity: shown, scope } });
      return answer.headers.get('x-subject-token') ?? '';
    },
  });
});
afterAll(() => identity.drop());

describe.each(access.map((one) => [`${one.rule}: ${one.call}`, one] as const))('%s', (_name, one) => {
  test(`passes ${one.passes || 'nobody'}`, async () => {
    const passed: Persona[] = [];
    for (const persona of personaNames) {
      const { status } = await attempt(stage, persona, one);
      expect(status).toBeLessThan(500);
      if (status !== 403) passed.push(persona);
    }
    expect(passed.join(' ')).toBe(personaNames.filter((name) => one.passes.split(' ').includes(name)).join(' '));
  });
});

test('names rules of the policy', () => {
  for (const { rule } of access) expect(policy).toHaveProperty([`identity:${rule}`]);
});
