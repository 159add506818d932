// Resource types that need no other service, as templates use them, over HTTP.
import { afterAll, expect, test } from 'vitest';
import { serve } from '../../../openstack/testing/index.ts';
import { startTestOrchestration } from '../../testing/stacks.ts';

const { machineApi, http, stacks, until, stop } = await startTestOrchestration();
const machines = await serve(machineApi);
afterAll(async () => {
  await machines.close();
  await stop();
});

const poll = { timeout: 15_000, interval: 30 };
const create = async (name: string, resources: object, outputs: object = {}) => {
  const template = { heat_template_version: '2018-08-31', resources, outputs };
  const answer = await http.post(stacks, { stack_name: name, template });
  expect(answer.json).toMatchObject({ stack: {} });
  return String(answer.json.stack.id);
};
const resource = async (name: string, id: string, resourceName: string) =>
  (await http.get(`${stacks}/${name}/${id}/resources/${resourceName}`)).json.resource;
const waiting = (count: number) => ({
  handle: { type: 'OS::Heat::WaitConditionHandle' },
  wait: {
    type: 'OS::Heat::WaitCondition',
    properties: { handle: { get_resource: 'handle' }, count, timeout: 600 },
  },
});

test('a wait condition is complete when as many signals have come as it counts, by API and by a machine', async () => {
  const id = await create('waits', waiting(2), {
    data: { value: { get_attr: ['wait', 'data'] } },
    curl: { value: { get_attr: ['handle', 'curl_cli'] } },
  });
  await expect
    .poll(async () => (await resource('waits', id, 'wait'))?.resource_status, poll)
    .toBe('CREATE_IN_PROGRESS');
  const signal = await http.post(`${stacks}/waits/${id}/resources/handle/signal`, { data: 'one', id: 'a' });
  expect([signal.status, signal.json]).toEqual([200, 'status:SUCCESS reason:Signal 1 received']);
  const { attributes } = await resource('waits', id, 'handle');
  const address = attributes.endpoint.slice('http://192.0.2.1:8088/agent'.length);
  expect((await machines.post(`${address}x`, {})).status).toBe(404);
  expect((await machines.post(address, { status: 'MAYBE' })).status).toBe(400);
  expect((await machines.post(address, { data: 'two' })).json).toBe('status:SUCCESS reason:Signal 2 received');
  const { outputs } = await until('waits', 'CREATE_COMPLETE');
  const value = (key: string) => outputs.find((one: { output_key: string }) => one.output_key === key).output_value;
  expect(value('data')).toBe('{"2":"two","a":"one"}');
  expect(value('curl')).toContain(attributes.endpoint);
});

test('a wait condition fails with the reason of a failure that is signalled', async () => {
  const id = await create('broken', waiting(1));
  await expect
    .poll(async () => (await resource('broken', id, 'handle'))?.resource_status, poll)
    .toBe('CREATE_COMPLETE');
  await http.post(`${stacks}/broken/${id}/resources/handle/signal`, { status: 'FAILURE', reason: 'no disk' });
  const stack = await until('broken', 'CREATE_FAILED');
  expect(stack.stack_status_reason).toContain('WaitConditionFailure: no disk');
});

test('a test resource fails as told, is updated in place, and is replaced where its property asks for it', async () => {
  const of = (properties: object) => ({ one: { type: 'OS::Heat::TestResource', properties } });
  const id = await create('tried', of({ value: 'a', action_wait_secs: { create: 0.01 } }));
  await until('tried', 'CREATE_COMPLETE');
  const first = await resource('tried', id, 'one');
  const update = async (properties: object, status: string) => {
    const template = { heat_template_version: '2018-08-31', resources: of(properties) };
    expect((await http.put(`${stacks}/tried/${id}`, { template })).status).toBe(202);
    await until('tried', status);
    return resource('tried', id, 'one');
  };
  const second = await update({ value: 'b' }, 'UPDATE_COMPLETE');
  expect([second.physical_resource_id, second.attributes.output]).toEqual([first.physical_resource_id, 'b']);
  expect((await update({ value: 'c', fail: true }, 'UPDATE_FAILED')).resource_status).toBe('UPDATE_FAILED');
  const third = await update({ value: 'd', update_replace: true }, 'UPDATE_COMPLETE');
  expect(third.physical_resource_id).not.toBe(first.physical_resource_id);
});

test('puts configs and texts into one MIME message', async () => {
  await create(
    'mime',
    {
      script: { type: 'OS::Heat::SoftwareConfig', properties: { config: '#!/bin/sh\necho one\n' } },
      all: {
        type: 'OS::Heat::MultipartMime',
        properties: {
          parts: [
            { config: { get_resource: 'script' }, subtype: 'x-shellscript', filename: 'one.sh' },
            { config: '#cloud-config\n', subtype: 'cloud-config' },
          ],
        },
      },
    },
    { message: { value: { get_attr: ['all', 'config'] } } },
  );
  const { outputs } = await until('mime', 'CREATE_COMPLETE');
  const message: string = outputs[0].output_value;
  const boundary = /boundary="(.*)"/.exec(message)?.[1] ?? '';
  const parts = message.split(`--${boundary}`).slice(1, -1);
  expect(parts.map((part) => /Content-Type: (\S+);/.exec(part)?.[1])).toEqual([
    'text/x-shellscript',
    'text/cloud-config',
  ]);
  const [, body = ''] = (parts[0] ?? '').trim().split('\n\n');
  expect(Buffer.from(body, 'base64').toString()).toBe('#!/bin/sh\necho one\n');
});

test('a stack makes another stack, moves it with its own updates and takes it away', async () => {
  const inner = (value: string) => ({
    heat_template_version: '2018-08-31',
    parameters: { word: { type: 'string' } },
    resources: { one: { type: 'OS::Heat::TestResource', properties: { value } } },
    outputs: { said: { value: { list_join: [' ', [{ get_param: 'word' }, { get_attr: ['one', 'output'] }]] } } },
  });
  const outer = (value: string, context: object = {}) => ({
    other: {
      type: 'OS::Heat::Stack',
      properties: { template: JSON.stringify(inner(value)), parameters: { word: 'hello' }, context },
    },
  });
  const outputs = { said: { value: { get_attr: ['other', 'outputs', 'said'] } } };
  const id = await create('outer', outer('world'), outputs);
  expect((await until('outer', 'CREATE_COMPLETE')).outputs[0].output_value).toBe('hello world');
  const { physical_resource_id: inside } = await resource('outer', id, 'other');
  expect((await http.get(`${stacks}/${inside}`)).json.stack).toMatchObject({
    parent: null,
    stack_status: 'CREATE_COMPLETE',
  });
  const template = { heat_template_version: '2018-08-31', resources: outer('moon'), outputs };
  await http.put(`${stacks}/outer/${id}`, { template });
  expect((await until('outer', 'UPDATE_COMPLETE')).outputs[0].output_value).toBe('hello moon');
  expect((await resource('outer', id, 'other')).physical_resource_id).toBe(inside);
  for (const [action, state] of [
    ['suspend', 'SUSPEND_COMPLETE'],
    ['resume', 'RESUME_COMPLETE'],
    ['check', 'CHECK_COMPLETE'],
  ] as const) {
    await http.post(`${stacks}/outer/${id}/actions`, { [action]: null });
    await until('outer', state);
  }
  await http.delete(`${stacks}/outer/${id}`);
  await expect.poll(async () => (await http.get(`${stacks}/outer`)).status, poll).toBe(404);
  expect((await http.get(`${stacks}/${inside}`)).json.stack.stack_status).toBe('DELETE_COMPLETE');
  const refused = await http.post(stacks, {
    stack_name: 'far',
    template: { ...template, resources: outer('mars', { region_name: 'Mars' }) },
  });
  expect([refused.status, refused.json.error.message]).toEqual([
    400,
    expect.stringContaining('in Mars region not found'),
  ]);
});
