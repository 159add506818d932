// Tokens, passwords and secrets go nowhere but to the one who may have them: not to the log, not to events, not to refusals.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { temporaryFolder, up } from '../harness/undercloud.ts';
import { until } from '../harness/until.ts';

const folder = temporaryFolder();
const cloud = await up(folder.path, { env: { UNDERCLOUD_LOG: 'debug' } });
afterAll(async () => {
  await cloud.run.kill('SIGKILL');
  folder.remove();
});

const secrets: string[] = [];
const secret = (name: string) => {
  const made = `${name}-0f8d2c61`;
  secrets.push(made);
  return made;
};
const identity = (method: string, path: string, body?: unknown, headers?: Record<string, string>) =>
  cloud.call(method, `/identity/v3${path}`, body, headers);
const login = (shown: object) => identity('POST', '/auth/tokens', { auth: { identity: shown } });
const byPassword = (name: string, password: unknown) =>
  login({ methods: ['password'], password: { user: { name, domain: { id: 'default' }, password } } });

test('nothing secret is told by log, events and refusals', async () => {
  const refusals: unknown[] = [];
  secrets.push(await cloud.token(), readFileSync(join(folder.path, 'admin-password'), 'utf8').trim());
  const password = secret('password');
  const { body: made } = await identity('POST', '/users', {
    user: { name: 'eve', password, default_project_id: null },
  });
  const userId: string = made.user.id;
  expect(JSON.stringify(made)).not.toContain(password);
  expect((await byPassword('eve', password)).status).toBe(201);
  refusals.push((await byPassword('eve', secret('wrong'))).body);
  refusals.push((await byPassword('eve', [secret('misshapen')])).body);
  refusals.push((await login({ methods: ['token'], token: { id: secret('forged') } })).body);
  refusals.push(
    (
      await identity('POST', `/users/${userId}/password`, {
        user: { original_password: secret('not-the-old'), password: secret('the-new') },
      })
    ).body,
  );
  const blob = secret('seed');
  refusals.push((await identity('POST', '/credentials', { credential: { type: 'ec2', blob, user_id: userId } })).body);
  refusals.push((await identity('GET', '/users', undefined, { 'x-auth-token': secret('odd-token') })).body);
  const me = (await identity('GET', '/auth/tokens', undefined, { 'x-subject-token': await cloud.token() })).body.token;
  const credential = await identity('POST', `/users/${me.user.id}/application_credentials`, {
    application_credential: { name: 'robot', secret: secret('application') },
  });
  expect(credential.status).toBe(201);
  const ec2 = await identity('POST', `/users/${me.user.id}/credentials/OS-EC2`, { tenant_id: me.project.id });
  secrets.push(ec2.body.credential.secret);
  const shown = await identity('GET', `/users/${me.user.id}/application_credentials`);
  expect(JSON.stringify(shown.body)).not.toContain('application-0f8d2c61');
  expect(refusals).toHaveLength(6);

  const events = await until('the event log tells of the user', async () => {
    const text = JSON.stringify((await cloud.call('GET', '/events')).body);
    return text.includes('identity.user.created') ? text : undefined;
  });
  const log = JSON.stringify(cloud.logLines()) + cloud.run.output();
  expect(log).toContain('/identity/v3/credentials');
  for (const one of secrets) {
    expect(JSON.stringify(refusals)).not.toContain(one);
    expect(events).not.toContain(one);
    expect(log).not.toContain(one);
  }
});
