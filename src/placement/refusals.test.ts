// What placement refuses, as data: request, microversion, expected status and words.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testDatabase } from '../database/testing/index.ts';
import { serve, type TestServer } from '../openstack/testing/index.ts';
import { createPlacement } from './index.ts';

const { database, drop } = await testDatabase();
const placement = createPlacement({ database });
let http: TestServer;
beforeAll(async () => {
  http = await serve(placement.api);
});
afterAll(async () => {
  await http.close();
  placement.close();
  await drop();
});

const nobody = '3f0d0d3c-5a4e-4a2a-9f1b-1f6f2a2f9f00';
const ac = '/allocation_candidates?';
const total = (value: unknown) => ({ resource_provider_generation: 0, inventories: { VCPU: { total: value } } });

const refusals: readonly [method: string, path: string, minor: number, body: unknown, status: number, words: RegExp][] =
  [
    ['GET', `/resource_providers/${nobody}`, 39, undefined, 404, /No resource provider with uuid 3f0d0d3c/],
    ['GET', '/resource_providers?uuid=x', 39, undefined, 400, /'x' is not a 'uuid'/],
    [
      'GET',
      '/resource_providers?in_tree=x',
      13,
      undefined,
      400,
      /Additional properties are not allowed \('in_tree' was/,
    ],
    ['GET', '/resource_providers?required=!CUSTOM_A', 21, undefined, 400, /of the form: HW_CPU_X86_VMX,CUSTOM_MAGIC/],
    ['GET', '/resource_providers?required=CUSTOM_NONE', 39, undefined, 400, /No such trait\(s\): CUSTOM_NONE/],
    ['GET', '/resource_providers?resources=CUSTOM_NONE:1', 39, undefined, 400, /No such resource class CUSTOM_NONE/],
    ['GET', '/resource_providers?resources=VCPU:0', 39, undefined, 400, /requires amount >= 1/],
    ['GET', `/resource_providers?member_of=${nobody},${nobody}`, 39, undefined, 400, /must be prefixed with the 'in:'/],
    [
      'POST',
      '/resource_providers',
      39,
      { name: 'x'.repeat(201) },
      400,
      /Failed validating 'maxLength' in schema\['properties'\]/,
    ],
    [
      'POST',
      '/resource_providers',
      39,
      { name: 'a', parent_provider_uuid: nobody },
      400,
      /parent provider UUID does not/,
    ],
    ['PUT', `/resource_providers/${nobody}/inventories`, 39, total(1), 404, /No resource provider/],
    [
      'PUT',
      `/resource_providers/${nobody}/traits`,
      39,
      { traits: 'x' },
      400,
      /'resource_provider_generation' is a required/,
    ],
    ['PUT', `/resource_providers/${nobody}/aggregates`, 0, [], 404, /could not be found/],
    ['DELETE', `/resource_providers/${nobody}/inventories`, 4, undefined, 405, /The method DELETE is not allowed/],
    ['PUT', '/traits/HW_X', 39, undefined, 400, /The trait is invalid/],
    ['DELETE', '/traits/HW_NUMA_ROOT', 39, undefined, 400, /Cannot delete standard trait/],
    ['DELETE', '/resource_classes/VCPU', 39, undefined, 400, /Cannot delete standard resource class/],
    ['PUT', '/allocations/me', 39, {}, 400, /Malformed consumer_uuid: me/],
    ['DELETE', `/allocations/${nobody}`, 39, undefined, 404, /No allocations for consumer/],
    ['POST', '/allocations', 12, {}, 404, /could not be found/],
    ['GET', '/usages', 39, undefined, 400, /'project_id' is a required property/],
    ['GET', ac, 10, undefined, 400, /'resources' is a required property/],
    ['GET', `${ac}resources=VCPU:1&limit=0`, 16, undefined, 400, /'0' does not match/],
    ['GET', `${ac}resources=VCPU:1&resources1=VCPU:1`, 24, undefined, 400, /Additional properties are not allowed/],
    ['GET', `${ac}resourcesA=VCPU:1`, 32, undefined, 400, /does not match any of the regexes/],
    ['GET', `${ac}resources1=VCPU:1&resources2=VCPU:1`, 39, undefined, 400, /"group_policy" parameter is required/],
    ['GET', `${ac}required=CUSTOM_A`, 35, undefined, 400, /orphaned traits keys: required/],
    ['GET', `${ac}required1=CUSTOM_A`, 36, undefined, 400, /at least one resources/],
    ['GET', `${ac}resources=VCPU:1&required_A=CUSTOM_A`, 36, undefined, 400, /bad group\(s\) - \['_A'\]/],
    ['GET', `${ac}resources_A=VCPU:1&same_subtree=_A,_B`, 36, undefined, 400, /\['_B'\] not found in \['_A'\]/],
    ['GET', `${ac}resources=VCPU:1&required=CUSTOM_A,!CUSTOM_A`, 39, undefined, 400, /required: \(CUSTOM_A\)/],
    [
      'GET',
      `${ac}resources=VCPU:1&required=in:CUSTOM_A,CUSTOM_B`,
      38,
      undefined,
      400,
      /only supported since microversion 1.39/,
    ],
    [
      'GET',
      `${ac}resources=VCPU:1&in_tree=x`,
      39,
      undefined,
      400,
      /Expected 'in_tree' parameter to be a format of uuid/,
    ],
    ['GET', `${ac}resources=VCPU:1&root_required=A&root_required=B`, 39, undefined, 400, /only once/],
  ];

for (const [method, path, minor, body, status, words] of refusals) {
  test(`${method} ${path.slice(0, 70)} at 1.${minor} is refused with ${status}`, async () => {
    const headers = { 'openstack-api-version': `placement 1.${minor}` };
    const answer = await http.request(method, path, { headers, ...(body === undefined ? {} : { body }) });
    expect(answer.status).toBe(status);
    expect(answer.json.errors[0].detail).toMatch(words);
    expect('code' in answer.json.errors[0]).toBe(minor >= 23);
  });
}

test('says which versions there are when it is asked for another', async () => {
  const answer = await http.get('/', { 'openstack-api-version': 'placement 0.5' });
  expect(answer.json.errors[0]).toMatchObject({ status: 406, min_version: '1.0', max_version: '1.39' });
  expect(answer.json.errors[0].detail).toContain('Unacceptable version header: 0.5');
});

test('takes only application/json, in and out', async () => {
  const headers = { 'content-type': 'text/plain' };
  expect((await http.request('POST', '/resource_providers', { body: '{}', headers })).status).toBe(415);
  expect((await http.get('/resource_providers', { accept: 'text/plain' })).status).toBe(406);
  expect((await http.get('/resource_providers', { accept: 'text/html, */*;q=0.8' })).status).toBe(200);
});

test('refuses a stale generation, a second provider of the name and a class in use', async () => {
  const newest = { 'openstack-api-version': 'placement 1.39' };
  const uuid = randomUUID();
  await http.post('/resource_providers', { uuid, name: 'taken' }, newest);
  const twin = await http.post('/resource_providers', { name: 'taken' }, newest);
  expect([twin.status, twin.json.errors[0].code]).toEqual([409, 'placement.duplicate_name']);
  await http.put('/resource_classes/CUSTOM_USED', undefined, newest);
  const inventories = { CUSTOM_USED: { total: 1, reserved: 1 } };
  const path = `/resource_providers/${uuid}/inventories`;
  const body = { resource_provider_generation: 0, inventories };
  const early = await http.put(path, body, { 'openstack-api-version': 'placement 1.25' });
  expect([early.status, early.json.errors[0].detail]).toEqual([400, expect.stringContaining('greater than or equal')]);
  expect((await http.put(path, body, newest)).json.resource_provider_generation).toBe(1);
  const stale = await http.put(path, body, newest);
  expect([stale.status, stale.json.errors[0].code]).toEqual([409, 'placement.concurrent_update']);
  expect((await http.delete('/resource_classes/CUSTOM_USED', newest)).status).toBe(409);
});
