// Breakpoints of the environment, over HTTP.
import { afterAll, beforeEach, expect, test } from 'vitest';
import { chain, startTestStacks } from '../testing/stacks.ts';

const t = await startTestStacks();
const { http, world } = t;
afterAll(t.stop);
beforeEach(() => {
  world.done.length = 0;
});
const stopping = (...hooks: string[]) => ({ resource_registry: { resources: { r0: { hooks } } } });
const poll = { timeout: 15_000, interval: 30 };
const paused = async (stack: string, action: string, hook: string) =>
  expect.poll(() => t.reasons(stack), poll).toContain(`${action} paused until Hook ${hook} is cleared`);
const clear = (stack: string, hook: string, name = 'r0') =>
  http.post(`${stack}/resources/${name}/signal`, { unset_hook: hook });

test('a resource stops after its creation until it is told to go on', async () => {
  const stack = await t.create('after', chain('one', 'two'), { environment: stopping('pre-create', 'post-create') });
  await paused(stack, 'CREATE', 'pre-create');
  expect((await clear(stack, 'post-create')).status).toBe(400);
  await clear(stack, 'pre-create');
  await paused(stack, 'CREATE', 'post-create');
  expect(await t.resource(stack, 'r0')).toMatchObject({ resource_status: 'CREATE_COMPLETE' });
  expect(world.done).toEqual(['create one']);
  await clear(stack, 'post-create');
  await t.until('after', 'CREATE_COMPLETE');
  expect(await t.reasons(stack)).toContain('Hook post-create is cleared');
  expect(world.done).toEqual(['create one', 'create two']);
});

test('a deletion stops before and after, also when the whole stack goes', async () => {
  const stack = await t.create('going', chain('one'), { environment: stopping('pre-delete', 'post-delete') });
  await t.until('going', 'CREATE_COMPLETE');
  await http.delete(stack);
  await paused(stack, 'DELETE', 'pre-delete');
  expect(world.done).toEqual(['create one']);
  await clear(stack, 'pre-delete');
  await paused(stack, 'DELETE', 'post-delete');
  expect(world.done).toEqual(['create one', 'delete one']);
  expect((await http.get(stack)).json.stack.stack_status).toBe('DELETE_IN_PROGRESS');
  await clear(stack, 'post-delete');
  await t.gone(stack);
  expect(await t.resources(stack)).toEqual([]);
});

test('a breakpoint on a nested stack holds what is inside of it', async () => {
  const stack = await t.create(
    'nest',
    { heat_template_version: '2018-08-31', resources: { inner: { type: 'inner.yaml' } } },
    {
      files: { 'inner.yaml': JSON.stringify(chain('deep')) },
      environment: { resource_registry: { resources: { inner: { hooks: 'pre-create' } } } },
    },
  );
  await paused(stack, 'CREATE', 'pre-create');
  expect(world.done).toEqual([]);
  expect(await t.resource(stack, 'inner')).toMatchObject({ resource_status: 'INIT_COMPLETE' });
  world.hold('deep');
  await clear(stack, 'pre-create', 'inner');
  await expect.poll(async () => (await t.resource(stack, 'inner')).resource_status, poll).toBe('CREATE_IN_PROGRESS');
  world.free('deep');
  await t.until('nest', 'CREATE_COMPLETE');
  expect(await t.resource(stack, 'inner')).toMatchObject({ resource_status: 'CREATE_COMPLETE' });
});

test('a nested stack fails with what is inside of it, and is whole after the next update', async () => {
  world.failing.add('create bad');
  const template = { heat_template_version: '2018-08-31', resources: { inner: { type: 'inner.yaml' } } };
  const files = { 'inner.yaml': JSON.stringify(chain('bad')) };
  const stack = await t.create('sick', template, { files });
  await t.until('sick', 'CREATE_FAILED');
  expect(await t.resource(stack, 'inner')).toMatchObject({ resource_status: 'CREATE_FAILED' });
  world.failing.clear();
  await http.put(stack, { template, files });
  await t.until('sick', 'UPDATE_COMPLETE');
  expect(await t.resource(stack, 'inner')).toMatchObject({ resource_status: 'CREATE_COMPLETE' });
});

test('what the environment restricts is refused and stays as it is', async () => {
  const environment = { resource_registry: { resources: { r0: { restricted_actions: 'replace' } } } };
  const stack = await t.create('fixed', chain('one'), { environment });
  await t.until('fixed', 'CREATE_COMPLETE');
  await http.put(stack, { template: chain('two'), environment });
  const { stack_status_reason } = await t.until('fixed', 'UPDATE_FAILED');
  expect(stack_status_reason).toContain('replace is restricted for resource.');
  expect(await t.resource(stack, 'r0')).toMatchObject({ resource_status: 'CREATE_COMPLETE' });
  expect(world.done).toEqual(['create one']);
});

const words = (salt: string) => ({
  heat_template_version: '2014-10-16',
  resources: {
    one: { type: 'OS::Heat::RandomString' },
    two: { type: 'OS::Heat::RandomString', depends_on: 'one', properties: { salt } },
  },
});

test('stops before a resource with a breakpoint until a signal clears it, at create and at update', async () => {
  const environment = { resource_registry: { resources: { two: { hooks: ['pre-create', 'pre-update'] } } } };
  const made = await http.post(t.stacks, { stack_name: 'hooked', template: words('a'), environment });
  const at = `${t.stacks}/hooked/${made.json.stack.id}`;
  const two = async () => (await http.get(`${at}/resources/two`)).json.resource;
  const told = async () =>
    (await http.get(`${at}/resources/two/events`)).json.events.map(
      (event: { resource_status_reason: string }) => event.resource_status_reason,
    );
  await expect.poll(told, poll).toContain('CREATE paused until Hook pre-create is cleared');
  expect((await two()).resource_status).toBe('INIT_COMPLETE');
  expect((await http.post(`${at}/resources/two/signal`, { unset_hook: 'pre-update' })).status).toBe(400);
  expect((await http.post(`${at}/resources/two/signal`, { unset_hook: 'pre-create' })).status).toBe(200);
  await t.until('hooked', 'CREATE_COMPLETE');
  const before = await two();
  await http.put(at, { template: words('b'), environment });
  await expect.poll(told, poll).toContain('UPDATE paused until Hook pre-update is cleared');
  expect((await two()).resource_status).toBe('CREATE_COMPLETE');
  await http.post(`${at}/resources/two/signal`, { unset_hook: 'pre-update' });
  await t.until('hooked', 'UPDATE_COMPLETE');
  expect((await two()).physical_resource_id).not.toBe(before.physical_resource_id);
});
