// A stack's life over HTTP, with the real engine and resources that need no machine.
import { afterAll, expect, test } from 'vitest';
import { flakyTypes, mended } from './testing/flaky-type.ts';
import { startTestOrchestration } from './testing/stacks.ts';

const { operations, http, stacks, until, stop } = await startTestOrchestration(() => flakyTypes, {
  'glance.image': async (value) => (value === 'missing' ? 'The Image (missing) could not be found.' : null),
});
afterAll(stop);

const group = (count: number, salt = 'a') => ({
  heat_template_version: '2018-08-31',
  parameters: { prefix: { type: 'string', default: 'word' } },
  resources: {
    words: {
      type: 'OS::Heat::ResourceGroup',
      properties: { count, resource_def: { type: 'OS::Heat::RandomString', properties: { length: 12, salt } } },
    },
    joined: { type: 'OS::Heat::Value', properties: { value: { list_join: ['-', { get_attr: ['words', 'value'] }] } } },
  },
  outputs: {
    all: {
      value: {
        str_replace: { template: 'P: J', params: { P: { get_param: 'prefix' }, J: { get_attr: ['joined', 'value'] } } },
      },
    },
  },
});

test('creates a group of values and answers its outputs', async () => {
  const created = await http.post(stacks, { stack_name: 'words', template: group(3), parameters: { prefix: 'mine' } });
  expect(created.status).toBe(201);
  const stack = await until('words', 'CREATE_COMPLETE');
  expect(stack.outputs[0].output_value).toMatch(/^mine: \w{12}-\w{12}-\w{12}$/);
  expect(stack.parameters.prefix).toBe('mine');
});

test('shows nested resources and events', async () => {
  const resources = (
    await http.get(`${stacks}/words/${(await until('words', 'CREATE_COMPLETE')).id}/resources?nested_depth=2`)
  ).json.resources;
  expect(resources.map((row: { resource_name: string }) => row.resource_name).sort()).toEqual([
    '0',
    '1',
    '2',
    'joined',
    'words',
  ]);
  expect(resources.every((row: { resource_status: string }) => row.resource_status === 'CREATE_COMPLETE')).toBe(true);
  const { events } = (await http.get(`${stacks}/words/events`)).json;
  expect(
    events.some(
      (event: { resource_status: string; resource_name: string }) =>
        event.resource_name === 'words' && event.resource_status === 'CREATE_COMPLETE',
    ),
  ).toBe(true);
});

test('keeps the members that stay when a group grows, and removes those that go', async () => {
  const { id, outputs } = await until('words', 'CREATE_COMPLETE');
  const before = outputs[0].output_value.slice('mine: '.length).split('-');
  expect((await http.put(`${stacks}/words/${id}`, { template: group(4), parameters: { prefix: 'mine' } })).status).toBe(
    202,
  );
  const grown = (await until('words', 'UPDATE_COMPLETE')).outputs[0].output_value.slice('mine: '.length).split('-');
  expect(grown.slice(0, 3)).toEqual(before);
  expect(grown).toHaveLength(4);
  await http.put(`${stacks}/words/${id}`, { template: group(2), parameters: { prefix: 'mine' } });
  await expect
    .poll(async () => (await http.get(`${stacks}/words/${id}/resources?nested_depth=1`)).json.resources.length, {
      timeout: 10_000,
    })
    .toBe(4);
  expect((await until('words', 'UPDATE_COMPLETE')).outputs[0].output_value).toBe(
    `mine: ${before.slice(0, 2).join('-')}`,
  );
});

test('replaces a resource whose property cannot change in place', async () => {
  const stack = await until('words', 'UPDATE_COMPLETE');
  await http.put(`${stacks}/words/${stack.id}`, { template: group(2, 'b'), parameters: { prefix: 'mine' } });
  const after = await expect.poll(
    async () => (await http.get(`${stacks}/words`)).json.stack.outputs?.[0]?.output_value,
    { timeout: 10_000 },
  );
  await after.not.toBe(stack.outputs[0].output_value);
  await until('words', 'UPDATE_COMPLETE');
});

test('refuses a second stack of the same name, a bad name and a template without a version', async () => {
  expect((await http.post(stacks, { stack_name: 'words', template: group(1) })).status).toBe(409);
  expect((await http.post(stacks, { stack_name: '1bad', template: group(1) })).status).toBe(400);
  expect((await http.post(stacks, { stack_name: 'bad', template: { resources: {} } })).status).toBe(400);
});

test('finishes the rest when one resource is parked, and resumes just that one', async () => {
  const template = {
    heat_template_version: '2018-08-31',
    resources: {
      good: { type: 'OS::Heat::TestResource', properties: { value: 'good' } },
      bad: { type: 'OS::Heat::TestResource', properties: { value: 'bad' } },
      after: { type: 'OS::Heat::Value', properties: { value: { get_attr: ['bad', 'output'] } } },
    },
  };
  const created = await http.post(stacks, { stack_name: 'flaky', template });
  expect(created.status).toBe(201);
  const failed = await until('flaky', 'CREATE_FAILED');
  expect(failed.stack_status_reason).toContain('resources.bad: the BMC does not answer');
  const { resources } = (await http.get(`${stacks}/flaky/${failed.id}/resources`)).json;
  const status = (name: string) =>
    resources.find((row: { resource_name: string }) => row.resource_name === name)?.resource_status;
  expect([status('good'), status('bad')]).toEqual(['CREATE_COMPLETE', 'CREATE_FAILED']);
  mended.now = true;
  const [apply] = await operations.list({ target: `stack:${failed.id}` });
  await expect.poll(async () => (await operations.get(apply?.id ?? ''))?.state, { timeout: 10_000 }).toBe('parked');
  await operations.resume(apply?.id ?? '');
  await until('flaky', 'CREATE_COMPLETE');
  expect(mended.made).toEqual({ good: 1, bad: 2 });
});

test('unfolds a group whose members hang on resources that are made by the same apply', async () => {
  const template = {
    heat_template_version: '2018-08-31',
    resources: {
      one: { type: 'OS::Heat::TestResource', properties: { value: 'first' } },
      config: { type: 'OS::Heat::SoftwareConfig', properties: { config: 'true', group: 'script' } },
      all: {
        type: 'OS::Heat::SoftwareDeploymentGroup',
        properties: {
          config: { get_resource: 'config' },
          servers: { made: { get_resource: 'one' } },
          signal_transport: 'NO_SIGNAL',
        },
      },
    },
  };
  const servers = {
    ...template,
    resources: {
      ...template.resources,
      all: {
        ...template.resources.all,
        properties: {
          ...template.resources.all.properties,
          servers: { map_merge: [{ made: { get_attr: ['one', 'output'] } }] },
        },
      },
    },
  };
  expect((await http.post(stacks, { stack_name: 'unfolding', template: servers })).status).toBe(201);
  const { id } = await until('unfolding', 'CREATE_COMPLETE');
  const { resources } = (await http.get(`${stacks}/unfolding/${id}/resources?nested_depth=2`)).json;
  expect(
    resources
      .map((row: { resource_name: string; resource_status: string }) => [row.resource_name, row.resource_status])
      .sort(),
  ).toEqual([
    ['all', 'CREATE_COMPLETE'],
    ['config', 'CREATE_COMPLETE'],
    ['made', 'CREATE_COMPLETE'],
    ['one', 'CREATE_COMPLETE'],
  ]);
});

test('keeps the deployments of the members that stay when a group shrinks', async () => {
  const template = (count: number) => ({
    heat_template_version: '2018-08-31',
    resources: {
      members: {
        type: 'OS::Heat::ResourceGroup',
        properties: { count, resource_def: { type: 'OS::Heat::RandomString' } },
      },
      config: { type: 'OS::Heat::SoftwareConfig', properties: { config: 'true', group: 'script' } },
      runs: {
        type: 'OS::Heat::SoftwareDeploymentGroup',
        properties: {
          config: { get_resource: 'config' },
          servers: { get_attr: ['members', 'refs_map'] },
          signal_transport: 'NO_SIGNAL',
        },
      },
    },
  });
  const paths = async (id: string) => {
    const { resources } = (await http.get(`${stacks}/shrinking/${id}/resources?nested_depth=2`)).json;
    return resources
      .map((row: { parent_resource?: string; resource_name: string; physical_resource_id: string }) => [
        `${row.parent_resource ?? ''}/${row.resource_name}`,
        row.physical_resource_id,
      ])
      .filter(([path]: [string]) => path.startsWith('runs/'))
      .sort();
  };
  await http.post(stacks, { stack_name: 'shrinking', template: template(2) });
  const { id } = await until('shrinking', 'CREATE_COMPLETE');
  const before = await paths(id);
  expect(before.map(([path]: [string]) => path)).toEqual(['runs/0', 'runs/1']);
  const { plan } = (await http.post('/v1/admin-project/plans', { stack_name: 'shrinking', template: template(1) }))
    .json;
  expect(
    plan.changes
      .filter((change: { action: string }) => change.action === 'delete')
      .map((change: { path: string }) => change.path),
  ).not.toContain('runs/0');
  await http.put(`${stacks}/shrinking/${id}`, { template: template(1) });
  await until('shrinking', 'UPDATE_COMPLETE');
  expect(await paths(id)).toEqual([before[0]]);
});

test('plans first, applies exactly that, and refuses a plan whose base has moved', async () => {
  const plans = '/v1/admin-project/plans';
  const body = { stack_name: 'planned', template: group(2) };
  const made = (await http.post(plans, body)).json.plan;
  expect(made.counts).toEqual({ create: 4 });
  expect((await http.post(plans, body)).json.plan.digest).toBe(made.digest);
  expect((await http.post(`${plans}/${made.id}/apply`, {})).status).toBe(202);
  const { id } = await until('planned', 'CREATE_COMPLETE');
  const noop = (await http.post(plans, body)).json.plan;
  expect(noop.counts).toEqual({ unchanged: 4 });
  const grow = (await http.post(plans, { ...body, template: group(3) })).json.plan;
  expect(
    grow.changes
      .filter((change: { action: string }) => change.action !== 'unchanged')
      .map((change: { path: string; action: string }) => [change.path, change.action]),
  ).toEqual([
    ['words/2', 'create'],
    ['words', 'update'],
    ['joined', 'decided-later'],
  ]);
  await http.put(`${stacks}/planned/${id}`, { template: group(1) });
  await until('planned', 'UPDATE_COMPLETE');
  const refused = await http.post(`${plans}/${grow.id}/apply`, {});
  expect([refused.status, refused.json.error.message]).toEqual([
    409,
    expect.stringContaining('is at generation 2, the plan was made for 1'),
  ]);
});

test('deletes a stack with everything in it', async () => {
  const { id } = await until('words', 'UPDATE_COMPLETE');
  expect((await http.delete(`${stacks}/words/${id}`)).status).toBe(204);
  await expect.poll(async () => (await http.get(`${stacks}/words`)).status, { timeout: 10_000 }).toBe(404);
  expect((await http.get(`${stacks}/words/${id}`)).json.stack.stack_status).toBe('DELETE_COMPLETE');
});
