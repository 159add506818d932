// Previews of updates over HTTP.
import { afterAll, expect, test } from 'vitest';
import { startTestOrchestration } from '../testing/stacks.ts';

const { http, stacks, until, stop } = await startTestOrchestration();
afterAll(stop);

const template = (salt: string) => ({
  heat_template_version: '2014-10-16',
  resources: {
    one: { type: 'OS::Heat::RandomString' },
    two: { type: 'OS::Heat::RandomString', depends_on: 'one', properties: { salt } },
  },
});

test('shows what an update would do without doing it', async () => {
  const made = await http.post(`${stacks}`, { stack_name: 'shown', template: template('a') });
  const at = `${stacks}/shown/${made.json.stack.id}`;
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
