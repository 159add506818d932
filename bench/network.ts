// Measures network: 20,000 ports, pages of the list, bulk create, allocation from a full /16. Run: npx tsx bench/network.ts
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { migrate, openDatabase, startEmbeddedPostgres } from '../src/database/index.ts';
import { createNetwork } from '../src/network/index.ts';
import { serve } from '../src/openstack/testing/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'undercloud-bench-'));
// The server runs as another user when this runs as root.
chmodSync(folder, 0o755);
const server = await startEmbeddedPostgres({ folder });
const database = openDatabase(server.url);
await migrate(database);
const http = await serve(createNetwork({ database }).api);

const network = (await http.post('/v2.0/networks', { network: { name: 'big' } })).json.network;
const subnet = (
  await http.post('/v2.0/subnets', { subnet: { network_id: network.id, ip_version: 4, cidr: '10.0.0.0/16' } })
).json.subnet;

const bulk: number[] = [];
for (let made = 0; made < 20_000; made += 400) {
  const ports = Array.from({ length: 400 }, (_, index) => ({ network_id: network.id, name: `port-${made + index}` }));
  bulk.push(await timed(() => http.post('/v2.0/ports', { ports })));
}
report('bulk create, 400 ports a call', bulk);
await sql`analyze`.execute(database);
report('list, a page of 100 of 20,000', await many(20, () => http.get('/v2.0/ports?limit=100')));
const middle = (await http.get('/v2.0/ports?limit=1000&fields=id')).json.ports.at(-1).id;
report('list, a page of 100 after a marker', await many(20, () => http.get(`/v2.0/ports?limit=100&marker=${middle}`)));
report('list, a page of 1,000', await many(5, () => http.get('/v2.0/ports?limit=1000')));
report('show by address', await many(20, () => http.get('/v2.0/ports?fixed_ips=ip_address=10.0.9.9')));

const holder = (await http.post('/v2.0/ports', { port: { network_id: network.id, fixed_ips: [] } })).json.port;
await sql`insert into network_addresses (subnet_id, address, port_id)
  select ${subnet.id}, '10.0.0.0'::inet + n, ${holder.id} from generate_series(2, 65474) n
  on conflict do nothing`.execute(database);
await sql`select network_rebuild_free_ranges(${subnet.id})`.execute(database);
report(
  'create a port, the /16 full but for 60',
  await many(60, () => http.post('/v2.0/ports', { port: { network_id: network.id } })),
);
const take = () => sql`select network_take_address(${subnet.id}, ${holder.id}, null, 0)`.execute(database);
report('take an address, none left', await many(50, take));

await http.close();
await database.destroy();
await server.stop();
rmSync(folder, { recursive: true, force: true });

async function timed(run: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await run();
  return performance.now() - started;
}

async function many(times: number, run: () => Promise<unknown>): Promise<number[]> {
  const taken: number[] = [];
  for (let index = 0; index < times; index++) taken.push(await timed(run));
  return taken;
}

function report(what: string, taken: readonly number[]): void {
  const sorted = taken.toSorted((a, b) => a - b);
  const at = (share: number) =>
    (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(1);
  console.log(`${what}: median ${at(0.5)} ms, 95 % ${at(0.95)} ms`);
}
