// Orchestration over HTTP with the real engine, for tests of what becomes of stacks.
import { expect } from 'vitest';
import type { Database } from '../../database/index.ts';
import { testDatabase } from '../../database/testing/index.ts';
import { serve } from '../../openstack/testing/index.ts';
import { createOperations } from '../../operations/index.ts';
import { createOrchestration, type OrchestrationOptions } from '../index.ts';
import { controlledTypes } from './controlled-type.ts';

export interface ShownResource {
  readonly resource_name: string;
  readonly resource_status: string;
  readonly resource_status_reason: string;
  readonly physical_resource_id: string;
}

const stacks = '/v1/admin-project/stacks';
const poll = { timeout: 15_000, interval: 30 };

/** With the resource types that the test makes; without any, stacks of what needs no other service. */
export async function startTestOrchestration(
  types: (database: Database) => ReturnType<OrchestrationOptions['types']> = () => new Map(),
  questions: OrchestrationOptions['questions'] = {},
) {
  const { database, url, drop } = await testDatabase();
  const operations = createOperations({ database, url });
  const { api, machineApi } = createOrchestration({
    database,
    operations,
    secret: Buffer.alloc(32, 7),
    machinesOrigin: () => 'http://192.0.2.1:8088',
    types: () => types(database),
    fitting: async () => ({ machines: [], passedOver: [] }),
    questions,
  });
  const http = await serve(api);
  await operations.launch();
  const statusOf = async (name: string) => (await http.get(`${stacks}/${name}`)).json?.stack?.stack_status;
  return {
    api,
    machineApi,
    http,
    database,
    operations,
    stacks,
    /** Creates a stack; answers its path. */
    async create(name: string, template: unknown, more: object = {}): Promise<string> {
      const answer = await http.post(stacks, { stack_name: name, template, ...more });
      if (answer.status !== 201) throw new Error(answer.text);
      return `${stacks}/${name}/${answer.json.stack.id}`;
    },
    async until(name: string, status: string) {
      await expect.poll(() => statusOf(name), poll).toBe(status);
      return (await http.get(`${stacks}/${name}`)).json.stack;
    },
    /** Waits for the end of the deletion of the stack at this path. */
    async gone(stack: string): Promise<void> {
      await expect.poll(async () => (await http.get(stack)).json.stack.stack_status, poll).toBe('DELETE_COMPLETE');
    },
    async resources(stack: string): Promise<ShownResource[]> {
      return (await http.get(`${stack}/resources?nested_depth=3`)).json.resources;
    },
    async resource(stack: string, name: string): Promise<ShownResource> {
      return (await http.get(`${stack}/resources/${name}`)).json?.resource;
    },
    async reasons(stack: string): Promise<string[]> {
      const { events } = (await http.get(`${stack}/events?nested_depth=3`)).json;
      return events.map((event: ShownResource) => event.resource_status_reason);
    },
    async stop() {
      await http.close();
      await operations.shutdown();
      await drop();
    },
  };
}

/** With resources that do what the test tells them to. */
export async function startTestStacks() {
  const world = controlledTypes();
  const started = await startTestOrchestration(() => world.types);
  return {
    ...started,
    /** What was done on resources, what fails, what waits. */
    world,
  };
}

/** Resources by name; each depends on the one before it. */
export const chain = (...values: string[]) => ({
  heat_template_version: '2018-08-31',
  resources: Object.fromEntries(
    values.map((value, index) => [
      `r${index}`,
      {
        type: 'OS::Heat::TestResource',
        properties: { value },
        ...(index === 0 ? {} : { depends_on: `r${index - 1}` }),
      },
    ]),
  ),
});
