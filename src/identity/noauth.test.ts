// Who somebody is where nothing is checked.
import { expect, test } from 'vitest';
import type { Api } from '../openstack/index.ts';
import { createNoauth } from './noauth.ts';

const noauth = createNoauth();
const asked = { method: 'GET', path: '/' };
const api: Api = {
  service: 'any',
  path: '/any',
  routes: [],
  policy: {},
  renderFault: ({ status }) => ({ status }),
};

const openApi: Api = { ...api, noauthAdmins: 'everybody' };

test.each([
  [{ 'x-auth-token': 'admin' }, api, 'admin', ['admin', 'manager', 'member', 'reader']],
  [{ 'x-auth-token': 'anna:sales' }, api, 'sales', []],
  [{ 'x-auth-token': 'anna:sales', 'x-roles': 'reader' }, api, 'sales', ['reader']],
  [{ 'x-auth-token': 'anna' }, openApi, 'anna', ['admin', 'manager', 'member', 'reader']],
  [{ 'x-auth-token': 'anna', 'x-roles': 'member' }, openApi, 'anna', ['member']],
  [{}, api, 'admin', ['admin', 'manager', 'member', 'reader']],
] as const)('%j is somebody', async (headers, called, projectId, roles) => {
  expect(await noauth(headers, called, asked)).toMatchObject({ projectId, roles });
});

test('without a token nobody calls an API that wants one', async () => {
  expect(await noauth({}, { ...api, noauthWithoutToken: 'refuse' }, asked)).toBeUndefined();
});
