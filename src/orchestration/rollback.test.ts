// What becomes of stacks whose work fails, takes too long, is cancelled or overtaken, over HTTP.
import { sql } from 'kysely';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { startTestStacks } from './testing/stacks.ts';

const { database, operations, http, world, stacks, until, stop } = await startTestStacks();
afterAll(stop);
beforeEach(() => {
  world.done.length = 0;
  world.failing.clear();
});

const poll = { timeout: 15_000, interval: 30 };
const statusOf = async (name: string) => (await http.get(`${stacks}/${name}`)).json?.stack?.stack_status;
interface Shown {
  readonly resource_name: string;
  readonly resource_status: string;
  readonly physical_resource_id: string;
}
const resourcesOf = async (name: string, id: string): Promise<Shown[]> =>
  (await http.get(`${stacks}/${name}/${id}/resources?nested_depth=3`)).json.resources;
/** Resources by name; each depends on the one before it. */
const chain = (...values: string[]) => ({
  heat_template_version: '2018-08-31',
  resources: Object.fromEntries(
    values.map((value, index) => [
      `r${index}`,
      {
        type: 'OS::Heat::TestResource',
        properties: { update_replace_value: value, value },
        ...(index === 0 ? {} : { depends_on: `r${index - 1}` }),
      },
    ]),
  ),
});
const create = async (name: string, template: unknown, more: object = {}) => {
  const answer = await http.post(stacks, { stack_name: name, template, ...more });
  expect(answer.status).toBe(201);
  return String(answer.json.stack.id);
};
const events = async (name: string, id: string): Promise<string[]> =>
  (await http.get(`${stacks}/${name}/${id}/events`)).json.events
    .filter((event: { resource_name: string }) => event.resource_name === name)
    .map((event: { resource_status: string }) => event.resource_status);

test('removes what a failed create made, when rollback is on, and says why', async () => {
  world.failing.add('create back-b');
  const id = await create('back', chain('back-a', 'back-b'), { disable_rollback: false });
  await until('back', 'ROLLBACK_COMPLETE');
  expect(await resourcesOf('back', id)).toEqual([]);
  expect(world.done).toEqual(['create back-a', 'create back-b', 'delete back-b', 'delete back-a']);
  expect(await events('back', id)).toEqual([
    'CREATE_IN_PROGRESS',
    'CREATE_FAILED',
    'ROLLBACK_IN_PROGRESS',
    'ROLLBACK_COMPLETE',
  ]);
  expect((await http.delete(`${stacks}/back/${id}`)).status).toBe(204);
  await expect.poll(async () => (await http.get(`${stacks}/back`)).status, poll).toBe(404);
});

test('goes back to the last complete generation, and keeps the resource that was to be replaced', async () => {
  const id = await create('again', chain('again-a', 'again-b'), { disable_rollback: false });
  await until('again', 'CREATE_COMPLETE');
  const before = await resourcesOf('again', id);
  world.failing.add('create again-c');
  expect((await http.put(`${stacks}/again/${id}`, { template: chain('again-a', 'again-c') })).status).toBe(202);
  await until('again', 'ROLLBACK_COMPLETE');
  const after = await resourcesOf('again', id);
  const ids = (rows: readonly Shown[]) => rows.map((row) => [row.resource_name, row.physical_resource_id]);
  expect(ids(after)).toEqual(ids(before));
  expect(world.done).toEqual(['create again-a', 'create again-b', 'create again-c', 'delete again-c']);
});

test('ends as ROLLBACK_FAILED when the way back fails too, and can still be deleted', async () => {
  world.failing.add('create worse-b').add('delete worse-b');
  const id = await create('worse', chain('worse-a', 'worse-b'), { disable_rollback: false });
  const stack = await until('worse', 'ROLLBACK_FAILED');
  expect(stack.stack_status_reason).toContain('resources.r1: worse-b cannot be');
  world.failing.clear();
  await http.delete(`${stacks}/worse/${id}`);
  await expect.poll(async () => (await http.get(`${stacks}/worse`)).status, poll).toBe(404);
});

test('ends as "Create timed out" when its time is over, and starts nothing more', async () => {
  world.hold('slow-a');
  const id = await create('slow', chain('slow-a', 'slow-b'), { timeout_mins: 1 });
  await expect.poll(() => world.done, poll).toContain('create slow-a');
  await sql`update operations set deadline_at = now() - interval '1 second' where target = ${`stack:${id}`}`.execute(
    database,
  );
  const stack = await until('slow', 'CREATE_FAILED');
  expect(stack.stack_status_reason).toBe('Create timed out');
  world.free('slow-a');
  await expect
    .poll(async () => (await operations.list({ states: ['queued', 'running', 'waiting'] })).length, poll)
    .toBe(0);
  expect(world.done).toEqual(['create slow-a']);
  expect((await resourcesOf('slow', id)).map((row) => row.resource_status)).toEqual(['CREATE_FAILED']);
  // By name too.
  await http.put(`${stacks}/slow`, { template: chain('slow-a', 'slow-b') });
  await until('slow', 'UPDATE_COMPLETE');
});

test('deletes a stack in the middle of its creation', async () => {
  world.hold('mid-a');
  const id = await create('mid', chain('mid-a', 'mid-b'));
  await expect.poll(() => world.done, poll).toContain('create mid-a');
  expect((await http.delete(`${stacks}/mid/${id}`)).status).toBe(204);
  world.free('mid-a');
  await expect.poll(async () => (await http.get(`${stacks}/mid`)).status, poll).toBe(404);
  expect(world.done).toEqual(['create mid-a', 'delete mid-a']);
});

test('stops an update where it stands, or takes it back, as asked', async () => {
  const id = await create('stop', chain('stop-a'));
  await until('stop', 'CREATE_COMPLETE');
  const act = (action: string) => http.post(`${stacks}/stop/${id}/actions`, { [action]: null });
  expect((await act('cancel_update')).status).toBe(400);
  world.hold('stop-b');
  await http.put(`${stacks}/stop/${id}`, { template: chain('stop-a', 'stop-b') });
  await expect.poll(() => world.done, poll).toContain('create stop-b');
  expect((await act('cancel_without_rollback')).status).toBe(202);
  await until('stop', 'UPDATE_FAILED');
  world.free('stop-b');
  world.hold('stop-c');
  await http.put(`${stacks}/stop/${id}`, { template: chain('stop-a', 'stop-b', 'stop-c') });
  await expect.poll(() => world.done, poll).toContain('create stop-c');
  expect((await act('cancel_update')).status).toBe(202);
  world.free('stop-c');
  await until('stop', 'ROLLBACK_COMPLETE');
  expect((await resourcesOf('stop', id)).map((row) => row.resource_name)).toEqual(['r0']);
});

test('makes a resource anew when its creation failed and the template wants another now', async () => {
  world.failing.add('create bad-flavor');
  const id = await create('mend', chain('bad-flavor'));
  await until('mend', 'CREATE_FAILED');
  await http.put(`${stacks}/mend/${id}`, { template: chain('good-flavor') });
  await until('mend', 'UPDATE_COMPLETE');
  expect(world.done).toEqual(['create bad-flavor', 'create good-flavor', 'delete bad-flavor']);
  expect((await resourcesOf('mend', id)).map((row) => row.resource_status)).toEqual(['CREATE_COMPLETE']);
});

test('a nested stack is complete as soon as its own insides are', async () => {
  world.hold('late');
  const nested = {
    heat_template_version: '2018-08-31',
    resources: {
      group: {
        type: 'OS::Heat::ResourceGroup',
        properties: { count: 2, resource_def: { type: 'OS::Heat::RandomString' } },
      },
      late: { type: 'OS::Heat::TestResource', properties: { value: 'late' } },
    },
  };
  const id = await create('part', nested);
  await expect.poll(() => world.done, poll).toContain('create late');
  const list = (await http.get(`${stacks}?show_nested=true`)).json.stacks;
  const inner = list.find((row: { stack_name: string }) => row.stack_name.startsWith('part-group'));
  expect([await statusOf('part'), inner.stack_status]).toEqual(['CREATE_IN_PROGRESS', 'CREATE_COMPLETE']);
  world.free('late');
  await until('part', 'CREATE_COMPLETE');
  expect((await resourcesOf('part', id)).length).toBe(4);
});
