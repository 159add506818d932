// Breakpoints, previews of updates, unhealthy resources, functions and sample templates over HTTP.
import { afterAll, expect, test } from 'vitest';
import { startTestOrchestration } from '../testing/stacks.ts';

const { http, until, stop } = await startTestOrchestration();
afterAll(stop);
const base = '/v1/admin-project';

const poll = { timeout: 20_000, interval: 30 };
const template = (salt: string) => ({
  heat_template_version: '2014-10-16',
  resources: {
    one: { type: 'OS::Heat::RandomString' },
    two: { type: 'OS::Heat::RandomString', depends_on: 'one', properties: { salt } },
  },
});

test('stops before a resource with a breakpoint until a signal clears it, at create and at update', async () => {
  const environment = { resource_registry: { resources: { two: { hooks: ['pre-create', 'pre-update'] } } } };
  const made = await http.post(`${base}/stacks`, { stack_name: 'hooked', template: template('a'), environment });
  const at = `${base}/stacks/hooked/${made.json.stack.id}`;
  const two = async () => (await http.get(`${at}/resources/two`)).json.resource;
  const told = async () =>
    (await http.get(`${at}/resources/two/events`)).json.events.map(
      (event: { resource_status_reason: string }) => event.resource_status_reason,
    );
  await expect.poll(told, poll).toContain('CREATE paused until Hook pre-create is cleared');
  expect((await two()).resource_status).toBe('INIT_COMPLETE');
  expect((await http.post(`${at}/resources/two/signal`, { unset_hook: 'pre-update' })).status).toBe(400);
  expect((await http.post(`${at}/resources/two/signal`, { unset_hook: 'pre-create' })).status).toBe(200);
  await until('hooked', 'CREATE_COMPLETE');
  const before = await two();
  await http.put(at, { template: template('b'), environment });
  await expect.poll(told, poll).toContain('UPDATE paused until Hook pre-update is cleared');
  expect((await two()).resource_status).toBe('CREATE_COMPLETE');
  await http.post(`${at}/resources/two/signal`, { unset_hook: 'pre-update' });
  await until('hooked', 'UPDATE_COMPLETE');
  expect((await two()).physical_resource_id).not.toBe(before.physical_resource_id);
});

test('shows what an update would do without doing it', async () => {
  const made = await http.post(`${base}/stacks`, { stack_name: 'shown', template: template('a') });
  const at = `${base}/stacks/shown/${made.json.stack.id}`;
  await until('shown', 'CREATE_COMPLETE');
  const next = template('b');
  const changed = { ...next, resources: { two: { ...next.resources.two, depends_on: [] }, three: next.resources.one } };
  const { resource_changes: changes } = (await http.put(`${at}/preview`, { template: changed })).json;
  const names = Object.fromEntries(
    Object.entries(changes).map(([list, rows]) => [
      list,
      (Array.isArray(rows) ? rows : []).map((row: { resource_name: string }) => row.resource_name),
    ]),
  );
  expect(names).toEqual({ added: ['three'], deleted: ['one'], updated: [], replaced: ['two'], unchanged: [] });
  expect((await http.get(`${at}/resources`)).json.resources).toHaveLength(2);
});

test('replaces a resource that was marked unhealthy with the next update', async () => {
  const stack = await until('shown', 'CREATE_COMPLETE');
  const at = `${base}/stacks/shown/${stack.id}`;
  const one = async () => (await http.get(`${at}/resources/one`)).json.resource;
  const before = await one();
  const marked = { mark_unhealthy: true, resource_status_reason: 'its disk is gone' };
  expect((await http.request('PATCH', `${at}/resources/one`, { body: marked })).status).toBe(200);
  expect([(await one()).resource_status, (await one()).resource_status_reason]).toEqual([
    'CHECK_FAILED',
    'its disk is gone',
  ]);
  await http.put(at, { template: template('a') });
  await until('shown', 'UPDATE_COMPLETE');
  expect((await one()).physical_resource_id).not.toBe(before.physical_resource_id);
});

test('lists versions, their functions and makes a sample template of a type', async () => {
  const { template_versions: versions } = (await http.get(`${base}/template_versions`)).json;
  expect(versions).toContainEqual({ version: 'heat_template_version.2016-04-08', type: 'hot', aliases: [] });
  const listed = await http.get(`${base}/template_versions/heat_template_version.2016-04-08/functions`);
  expect(listed.json.template_functions.map((row: { functions: string }) => row.functions)).toContain('get_file');
  expect((await http.get(`${base}/template_versions/heat_template_version.1999/functions`)).status).toBe(404);
  const sample = (await http.get(`${base}/resource_types/OS::Heat::TestResource/template?template_type=hot`)).json;
  expect(sample.resources.TestResource.properties.wait_secs).toEqual({ get_param: 'wait_secs' });
  expect(sample.parameters.wait_secs).toEqual({ type: 'number', default: 0 });
  const check = await http.post(`${base}/validate`, { template: sample });
  expect(check.status).toBe(200);
});
