// Snapshots, exports, abandoned and adopted stacks, over HTTP.
import { afterAll, beforeEach, expect, test } from 'vitest';
import { chain, startTestStacks } from '../testing/stacks.ts';

const t = await startTestStacks();
const { http, world } = t;
afterAll(t.stop);
beforeEach(() => {
  world.done.length = 0;
  world.failing.clear();
});

test('a stack goes back to its snapshot, and the snapshot can be deleted', async () => {
  const stack = await t.create('kept', chain('old'), { environment: { parameter_defaults: { colour: 'red' } } });
  await t.until('kept', 'CREATE_COMPLETE');
  const made = await http.post(`${stack}/snapshots`, { name: 'before' });
  expect(made.json).toMatchObject({ name: 'before', status: 'COMPLETE', data: { name: 'kept', files: {} } });
  await t.until('kept', 'SNAPSHOT_COMPLETE');
  const { id } = made.json;
  expect((await http.get(`${stack}/snapshots`)).json.snapshots.map((one: { id: string }) => one.id)).toEqual([id]);
  await http.put(stack, { template: chain('new') });
  await t.until('kept', 'UPDATE_COMPLETE');
  expect((await http.post(`${stack}/snapshots/${id}/restore`, undefined)).status).toBe(202);
  await t.until('kept', 'RESTORE_COMPLETE');
  expect(world.done).toEqual(['create old', 'create new', 'delete old', 'create old', 'delete new']);
  expect((await http.get(`${stack}/environment`)).json.parameter_defaults).toEqual({ colour: 'red' });
  expect((await http.delete(`${stack}/snapshots/${id}`)).status).toBe(204);
  expect((await http.get(`${stack}/snapshots/${id}`)).json.error.message).toBe(
    `The Snapshot (${id}) could not be found.`,
  );
});

test('an abandoned stack is gone and what it had is adopted by another, nested stacks and all', async () => {
  const template = {
    heat_template_version: '2018-08-31',
    resources: {
      outer: { type: 'OS::Heat::TestResource', properties: { value: 'out' } },
      inner: { type: 'inner.yaml' },
    },
    outputs: { word: { value: { get_attr: ['outer', 'output'] } } },
  };
  const files = { 'inner.yaml': JSON.stringify(chain('deep')) };
  const old = await t.create('left', template, { files });
  await t.until('left', 'CREATE_COMPLETE');
  const before = await t.resources(old);
  expect((await http.get(`${old}/export`)).json).toMatchObject({ name: 'left', action: 'CREATE', files });
  const abandoned = await http.delete(`${old}/abandon`);
  expect([abandoned.status, abandoned.json.resources.inner.resources.r0.status]).toEqual([200, 'COMPLETE']);
  expect((await http.get(`${t.stacks}/left`)).status).toBe(404);
  const stack = await t.create('found', undefined, { adopt_stack_data: JSON.stringify(abandoned.json) });
  const { outputs } = await t.until('found', 'ADOPT_COMPLETE');
  expect(outputs[0].output_value).toBe('out');
  expect(world.done.sort()).toEqual(['check deep', 'check out', 'create deep', 'create out']);
  const names = (rows: typeof before) =>
    Object.fromEntries(rows.map((row) => [row.resource_name, row.physical_resource_id]));
  const { inner: _old, ...had } = names(before);
  expect(names(await t.resources(stack))).toMatchObject(had);
  await http.put(stack, { template, files });
  await t.until('found', 'UPDATE_COMPLETE');
  await http.delete(stack);
  await t.gone(stack);
  expect(world.done.sort()).toEqual([
    'check deep',
    'check out',
    'create deep',
    'create out',
    'delete deep',
    'delete out',
  ]);
});

test('a thing that its type does not find is not adopted, and is never deleted with the stack', async () => {
  world.failing.add('check foreign');
  const resources = { r0: { resource_id: 'somebody-elses', resource_data: {} } };
  const stack = await t.create('thief', undefined, {
    adopt_stack_data: { template: chain('foreign', 'absent'), resources },
  });
  const { stack_status_reason } = await t.until('thief', 'ADOPT_FAILED');
  expect(stack_status_reason).toContain('resources.r0: foreign cannot be');
  expect((await t.resource(stack, 'r0')).physical_resource_id).toBe('');
});

test.each([
  ['no JSON', '{', 'it is not JSON'],
  ['no template', {}, 'it has no template'],
])('refuses to adopt from %s', async (_what, data, why) => {
  const answer = await http.post(t.stacks, { stack_name: 'none', adopt_stack_data: data });
  expect(answer.json.error.message).toBe(`The data of the stack to adopt cannot be used: ${why}.`);
});
