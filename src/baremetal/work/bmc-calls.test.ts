// What operations say to BMCs is kept and shown, and no credential with it, whatever a BMC says back.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createRedfish, tellExchange } from '../../hardware/index.ts';
import { seededRandom } from '../../openstack/testing/random.ts';
import { startTestBaremetal, type TestBaremetal } from '../testing/index.ts';
import { joined, keepingBmcCalls } from './bmc-calls.ts';

const draw = seededRandom(11);
const alphabet = 'abzAZ09 "\\/\'<>&%+=:;,.{}[]()$#@!?*~|^`äß€';
function password(): string {
  const letters = [...alphabet];
  return Array.from({ length: 8 + Math.floor(draw() * 12) }, () => letters[Math.floor(draw() * letters.length)]).join(
    '',
  );
}

/** Session tokens that the BMC has given out. */
const tokens: string[] = [];
/** A BMC that answers by chance, and in what it refuses repeats all it was told: headers, body, both of them decoded. */
const bmc = createServer(async (request, response) => {
  let body = '';
  for await (const chunk of request) body += chunk;
  const { authorization = '', 'x-auth-token': token = '' } = request.headers;
  const decoded = Buffer.from(authorization.replace(/^Basic /, ''), 'base64').toString();
  const chance = draw();
  if (chance < 0.15) return request.socket.destroy();
  if (chance < 0.6) {
    const words = `I was told ${authorization} (${decoded}), ${String(token)}, ${body}, ${encodeURIComponent(decoded)}`;
    response.statusCode = [400, 401, 403, 404, 409, 500, 503][Math.floor(draw() * 7)] ?? 500;
    const page = draw() < 0.5;
    return response.end(page ? `<p>${words}</p>` : JSON.stringify({ error: { message: words, sent: body } }));
  }
  if (request.method === 'POST') {
    const given = Buffer.from(password()).toString('base64url');
    tokens.push(given);
    response.setHeader('x-auth-token', given);
    response.setHeader('location', '/redfish/v1/SessionService/Sessions/1');
  }
  return response.end(JSON.stringify({ PowerState: 'On', Members: [] }));
});

let bm: TestBaremetal;
let address: string;
const log: unknown[] = [];

beforeAll(async () => {
  for (const level of ['log', 'warn', 'error'] as const)
    vi.spyOn(console, level).mockImplementation((...told) => log.push(...told));
  await new Promise<void>((listening) => bmc.listen(0, '127.0.0.1', listening));
  const { port }: Partial<AddressInfo> = Object(bmc.address());
  address = `http://127.0.0.1:${port}`;
  bm = await startTestBaremetal({ hardware: [createRedfish({ failuresToOpen: 1_000_000 })] });
}, 60_000);
afterAll(async () => {
  await bm?.stop();
  bmc.close();
  vi.restoreAllMocks();
});

async function enrol(name: string, secret: string, auth: string): Promise<string> {
  const info = { redfish_address: address, redfish_system_id: '/redfish/v1/Systems/1' };
  const { status, json } = await bm.http.post('/v1/nodes', {
    name,
    driver: 'redfish',
    driver_info: { ...info, redfish_username: 'root', redfish_password: secret, redfish_auth_type: auth },
  });
  expect(status).toBe(201);
  return json.uuid;
}

/** Every row of every table, as text. */
async function everything(): Promise<string> {
  const names = await sql<{ name: string }>`
    select quote_ident(schemaname) || '.' || quote_ident(tablename) as name from pg_tables
    where schemaname not in ('pg_catalog', 'information_schema')`.execute(bm.database);
  const rows = await Promise.all(
    names.rows.map(({ name }) =>
      sql<{ row: string }>`select t::text as row from ${sql.raw(name)} t`.execute(bm.database),
    ),
  );
  return rows.flatMap((result) => result.rows.map(({ row }) => row)).join('\n');
}

describe('what operations say to BMCs', () => {
  test('no credential comes back in an answer, a history, a log, an event or a table', async () => {
    const secrets: string[] = [];
    const answers: string[] = [];
    for (let index = 0; index < 20; index++) {
      const secret = password();
      secrets.push(secret);
      const node = await enrol(`echo-${index}`, secret, draw() < 0.5 ? 'session' : 'basic');
      await bm.http.put(`/v1/nodes/${node}/states/provision`, { target: 'manage' });
      await bm.until(node, (now) => now.target_provision_state === null);
      for (const path of ['', '/history?detail=true', '/why', '/bmc_calls', '/management/boot_device', '/validate'])
        answers.push((await bm.http.get(`/v1/nodes/${node}${path}`)).text);
      const { bmc_calls: kept } = (await bm.http.get(`/v1/nodes/${node}/bmc_calls`)).json;
      for (const { operation_id: id } of kept)
        answers.push((await bm.http.get(`/v1/nodes/${node}/bmc_calls/${id}`)).text);
    }
    const told = [...answers, await everything(), ...log.map((one) => String(one instanceof Error ? one.stack : one))];
    const all = told.join('\n');
    expect(all).toContain('I was told');
    for (const token of tokens) expect(all.includes(token), token).toBe(false);
    for (const secret of secrets) {
      const spellings = [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)];
      const pair = Buffer.from(`root:${secret}`).toString('base64');
      for (const spelling of [...spellings, pair]) expect(all.includes(spelling), spelling).toBe(false);
    }
  }, 120_000);

  test('an operation keeps its exchanges, and why tells the last refusal', async () => {
    for (let index = 0; ; index++) {
      const node = await enrol(`kept-${index}`, 'secret-of-the-bmc', 'basic');
      await bm.http.put(`/v1/nodes/${node}/states/provision`, { target: 'manage' });
      await bm.until(node, (now) => now.target_provision_state === null);
      const [entry] = (await bm.http.get(`/v1/nodes/${node}/bmc_calls`)).json.bmc_calls;
      const { exchanges } = (await bm.http.get(`/v1/nodes/${node}/bmc_calls/${entry.operation_id}`)).json;
      expect(exchanges[0]).toMatchObject({ method: 'GET', path: '/redfish/v1/Systems/1', times: 1 });
      const refused = exchanges.findLast(({ said }: { said: string | null }) => said !== null);
      if (!refused) continue;
      const why = (await bm.http.get(`/v1/nodes/${node}/why`)).json;
      expect([why.bmc, ...why.problems].join('\n')).toContain(refused.said);
      expect((await bm.http.get(`/v1/nodes/${node}/bmc_calls/none`)).status).toBe(404);
      return;
    }
  }, 120_000);

  test('the latest of many are kept, over all the runs of an operation, and the others counted', async () => {
    const node = await enrol('talks', 'secret', 'basic');
    const answer = (path: number) => ({ at: new Date(), method: 'GET', path: `/${path}`, status: 200 });
    const handler = keepingBmcCalls(
      { database: bm.database, log: { warn: () => undefined } },
      async (_context, input) => {
        const { from = 0 }: { from?: number } = Object(input);
        for (let path = from; path < from + 150; path++) tellExchange({ ...answer(path), durationMs: 1, said: null });
        return null;
      },
    );
    const context = Object({ operation: { id: 'op-1' } });
    await handler(context, { node, from: 0 });
    await handler(context, { node, from: 150 });
    const { exchanges, omitted } = (await bm.http.get(`/v1/nodes/${node}/bmc_calls/op-1`)).json;
    expect([exchanges.length, exchanges[0].path, exchanges.at(-1).path, omitted]).toEqual([200, '/100', '/299', 100]);
  });

  test('looking at one thing again and again is one exchange with a count and the longest time', () => {
    const look = { at: 'then', method: 'GET', path: '/a', status: 200, duration_ms: 5, times: 1, said: null };
    const slow = { ...look, at: 'later', duration_ms: 9 };
    const other = { ...look, path: '/b' };
    expect(joined([look], [slow, other, look])).toEqual([{ ...look, duration_ms: 9, times: 2 }, other, look]);
  });
});
