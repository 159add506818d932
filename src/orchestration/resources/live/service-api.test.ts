// Calls within the process are held to the policy that the service answers under.
import { expect, test } from 'vitest';
import { type Api, computeFault, createEnforcer, json, route, systemCaller } from '../../../openstack/index.ts';
import { serviceApi } from './service-api.ts';

const api: Api = {
  service: 'compute',
  path: '/compute',
  policy: { 'things:show': '@' },
  renderFault: computeFault,
  routes: [
    route({
      method: 'GET',
      path: '/v2.1/things',
      policy: 'things:show',
      summary: 'Show things',
      handler: () => json({ things: [] }),
    }),
  ],
};

test("passes the service's own rules, and fails by those of an operator's file", async () => {
  const call = (rules = {}) =>
    serviceApi(api, '/v2.1', createEnforcer(api.policy, rules)).call(systemCaller, 'GET', '/things');
  expect(await call()).toEqual({ things: [] });
  await expect(call({ 'things:show': '!' })).rejects.toThrow('things:show');
});
