// Resources that an operator marks, over HTTP.
import { afterAll, expect, test } from 'vitest';
import { startTestOrchestration } from '../testing/stacks.ts';

const { http, stacks, until, stop } = await startTestOrchestration();
afterAll(stop);
const template = { heat_template_version: '2014-10-16', resources: { one: { type: 'OS::Heat::RandomString' } } };

test('replaces a resource that was marked unhealthy with the next update', async () => {
  const made = await http.post(stacks, { stack_name: 'ill', template });
  const at = `${stacks}/ill/${made.json.stack.id}`;
  await until('ill', 'CREATE_COMPLETE');
  const one = async () => (await http.get(`${at}/resources/one`)).json.resource;
  const before = await one();
  const marked = { mark_unhealthy: true, resource_status_reason: 'its disk is gone' };
  expect((await http.request('PATCH', `${at}/resources/one`, { body: marked })).status).toBe(200);
  expect([(await one()).resource_status, (await one()).resource_status_reason]).toEqual([
    'CHECK_FAILED',
    'its disk is gone',
  ]);
  await http.put(at, { template });
  await until('ill', 'UPDATE_COMPLETE');
  expect((await one()).physical_resource_id).not.toBe(before.physical_resource_id);
});
