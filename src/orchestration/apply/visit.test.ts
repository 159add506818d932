// Checking, suspending and resuming stacks, over HTTP.
import { afterAll, beforeEach, expect, test } from 'vitest';
import { chain, startTestStacks } from '../testing/stacks.ts';

const t = await startTestStacks();
const { http, world } = t;
afterAll(t.stop);
beforeEach(() => {
  world.done.length = 0;
  world.failing.clear();
});
const act = async (stack: string, action: string) => http.post(`${stack}/actions`, { [action]: null });

test('a check looks at each resource, changes nothing and names the one that is not as it should be', async () => {
  const template = chain('seen', 'lost');
  const stack = await t.create('checked', {
    ...template,
    resources: { ...template.resources, words: { type: 'OS::Heat::RandomString' } },
  });
  await t.until('checked', 'CREATE_COMPLETE');
  world.done.length = 0;
  expect((await act(stack, 'check')).status).toBe(202);
  await t.until('checked', 'CHECK_COMPLETE');
  expect(world.done).toEqual(['check seen', 'check lost']);
  expect(await t.resource(stack, 'words')).toMatchObject({
    resource_status: 'CHECK_COMPLETE',
    resource_status_reason: 'CHECK not supported for OS::Heat::RandomString',
  });
  world.failing.add('check lost');
  await act(stack, 'check');
  const failed = await t.until('checked', 'CHECK_FAILED');
  expect(failed.stack_status_reason).toContain('resources.r1: lost cannot be');
  expect(await t.resource(stack, 'r0')).toMatchObject({ resource_status: 'CHECK_COMPLETE' });
  // What a check has found gone comes anew with the next update.
  world.failing.clear();
  world.done.length = 0;
  await http.put(stack, { template: chain('seen', 'lost') });
  await t.until('checked', 'UPDATE_COMPLETE');
  expect(world.done.slice(0, 1)).toEqual(['create lost']);
});

test('a stack is suspended from the end of its dependencies, takes no update, and resumes from their beginning', async () => {
  const stack = await t.create('asleep', chain('first', 'second'));
  await t.until('asleep', 'CREATE_COMPLETE');
  world.done.length = 0;
  await act(stack, 'suspend');
  await t.until('asleep', 'SUSPEND_COMPLETE');
  expect(world.done).toEqual(['suspend second', 'suspend first']);
  await act(stack, 'suspend');
  await t.until('asleep', 'SUSPEND_COMPLETE');
  const refused = await http.put(stack, { template: chain('other') });
  expect([refused.status, refused.json.error.message]).toEqual([
    400,
    'Updating a stack when it is suspended is not supported.',
  ]);
  await act(stack, 'resume');
  await t.until('asleep', 'RESUME_COMPLETE');
  expect(world.done.slice(2)).toEqual(['resume first', 'resume second']);
  await http.put(stack, { template: chain('first', 'second') });
  await t.until('asleep', 'UPDATE_COMPLETE');
  expect(world.done).toHaveLength(4);
});

test('what failed to be made stays failed when it is checked, and the check says so', async () => {
  world.failing.add('create bad');
  const stack = await t.create('broken', chain('bad'));
  await t.until('broken', 'CREATE_FAILED');
  await act(stack, 'check');
  const { stack_status_reason } = await t.until('broken', 'CHECK_FAILED');
  expect(stack_status_reason).toContain('it is in CREATE_FAILED');
  expect(await t.resource(stack, 'r0')).toMatchObject({ resource_status: 'CREATE_FAILED' });
});

test('nested stacks are visited with what is inside of them', async () => {
  const stack = await t.create(
    'outer',
    { heat_template_version: '2018-08-31', resources: { inner: { type: 'inner.yaml' } } },
    { files: { 'inner.yaml': JSON.stringify(chain('deep')) } },
  );
  await t.until('outer', 'CREATE_COMPLETE');
  await act(stack, 'suspend');
  await t.until('outer', 'SUSPEND_COMPLETE');
  expect((await t.resources(stack)).map((row) => row.resource_status)).toEqual([
    'SUSPEND_COMPLETE',
    'SUSPEND_COMPLETE',
  ]);
  await act(stack, 'resume');
  await t.until('outer', 'RESUME_COMPLETE');
  await http.delete(stack);
  await t.gone(stack);
});

test.each([
  [{}, 'No action specified'],
  [{ check: null, suspend: null }, 'Multiple actions specified'],
  [{ dance: null }, 'Invalid action dance specified'],
  [{ CHECK: null }, 'Invalid action CHECK specified'],
])('refuses the action %j', async (body, message) => {
  const answer = await http.post(`${t.stacks}/broken/actions`, body);
  expect([answer.status, answer.json.error.message]).toEqual([400, message]);
});
