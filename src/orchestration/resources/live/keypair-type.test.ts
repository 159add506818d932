// A key pair that a stack makes, over HTTP.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { composeCompute } from '../../../compute/testing/index.ts';
import { testDatabase } from '../../../database/testing/index.ts';
import { serve, type TestServer } from '../../../openstack/testing/index.ts';
import { createOrchestration } from '../../index.ts';
import { keypairType } from './keypair-type.ts';
import { serviceApi } from './service-api.ts';

const { database, url, drop } = await testDatabase();
const folder = mkdtempSync(join(tmpdir(), 'keypair-'));
const { compute, operations, baremetal, placement } = composeCompute({ database, url, folder });
const { api } = createOrchestration({
  database,
  operations,
  secret: Buffer.alloc(32, 7),
  machinesOrigin: () => 'http://192.0.2.1:8088',
  types: (_channels, secrets) =>
    new Map([['OS::Nova::KeyPair', keypairType(serviceApi(compute.api, '/v2.1'), secrets)]]),
  fitting: async () => ({ machines: [], passedOver: [] }),
  questions: {},
});
let http: TestServer;
beforeAll(async () => {
  http = await serve(api);
  await operations.launch();
});
afterAll(async () => {
  await http.close();
  await baremetal.stop();
  await operations.shutdown();
  placement.close();
  await drop();
  rmSync(folder, { recursive: true, force: true });
});

test('a private key that is saved is in no table in the clear, and is answered to the functions of its template', async () => {
  const template = {
    heat_template_version: '2018-08-31',
    resources: { key: { type: 'OS::Nova::KeyPair', properties: { name: 'mine', save_private_key: true } } },
    outputs: { secret: { value: { get_attr: ['key', 'private_key'] } } },
  };
  const stacks = '/v1/admin-project/stacks';
  await http.post(stacks, { stack_name: 'keys', template });
  const show = async () => (await http.get(`${stacks}/keys`)).json.stack;
  await expect.poll(async () => (await show()).stack_status, { timeout: 15_000 }).toBe('CREATE_COMPLETE');
  const { id, outputs } = await show();
  expect(outputs[0].output_value).toContain('PRIVATE KEY');
  const [, line = ''] = outputs[0].output_value.split('\n');
  const shown = (await http.get(`${stacks}/keys/${id}/resources/key`)).json.resource.attributes;
  expect(shown.private_key).toContain(line);
  const tables = await sql<{ name: string }>`
    select format('%I.%I', schemaname, tablename) as name from pg_tables
    where schemaname not in ('pg_catalog', 'information_schema')`.execute(database);
  for (const { name } of tables.rows) {
    const found = await sql`select 1 from ${sql.raw(name)} as row where row::text like ${`%${line}%`}`.execute(
      database,
    );
    expect([name, found.rows.length]).toEqual([name, 0]);
  }
});
