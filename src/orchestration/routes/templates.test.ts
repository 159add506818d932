// What the API tells about templates and resource types.
import { afterAll, expect, test } from 'vitest';
import { startTestOrchestration } from '../testing/stacks.ts';

const { http, stop } = await startTestOrchestration();
afterAll(stop);
const base = '/v1/admin-project';

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
