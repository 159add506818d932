// Claims from several processes at once, and from one that is killed in their midst.
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, expect, test } from 'vitest';
import { migrate, openDatabase, startEmbeddedPostgres } from '../../src/database/index.ts';
import { createPlacement } from '../../src/placement/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'undercloud-claims-'));
chmodSync(folder, 0o755);
const postgres = await startEmbeddedPostgres({ folder, unsafe: true });
const database = openDatabase(postgres.url, { maxConnections: 5 });
await migrate(database);
const placement = createPlacement({ database });
afterAll(async () => {
  placement.close();
  await database.destroy();
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function provider(total: number): Promise<string> {
  const uuid = randomUUID();
  await database.transaction().execute(async (tx) => {
    await placement.ensureProvider(tx, { uuid, name: uuid });
    await placement.setInventory(tx, uuid, { VCPU: { total } });
  });
  return uuid;
}

/** Starts a process that claims; `claimed` gathers the consumers that it was told have succeeded. */
function claimer(uuid: string, consumers: number, clients: number, onClaim: (count: number) => void = () => {}) {
  const script = join(import.meta.dirname, '../../src/placement/testing/claimer.ts');
  const child: ChildProcess = spawn(
    process.execPath,
    ['--import', 'tsx', script, postgres.url, uuid, String(consumers), String(clients)],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const claimed: string[] = [];
  let rest = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    const lines = (rest + chunk.toString()).split('\n');
    rest = lines.pop() ?? '';
    claimed.push(...lines);
    onClaim(claimed.length);
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  return { child, claimed, ended };
}

async function usage(uuid: string): Promise<{ counter: number; sum: number; consumers: number }> {
  const { rows } = await sql<{ counter: number; sum: number; consumers: number }>`
    select i.used as counter, (select coalesce(sum(a.used), 0) from placement_allocations a where a.provider_id = p.id) as sum,
      (select count(*) from placement_consumers) as consumers
    from placement_providers p join placement_inventories i on i.provider_id = p.id where p.uuid = ${uuid}`.execute(
    database,
  );
  if (!rows[0]) throw new Error('the provider is gone');
  return rows[0];
}

for (const processes of [1, 2]) {
  test(`50 clients of ${processes} process(es) claim for 2,000 consumers: exactly 1,000 find room`, async () => {
    await sql`delete from placement_allocations`.execute(database);
    await sql`delete from placement_consumers`.execute(database);
    const uuid = await provider(1000);
    const all = Array.from({ length: processes }, () => claimer(uuid, 2000 / processes, 50 / processes));
    await Promise.all(all.map((one) => one.ended));
    expect(all.reduce((sum, one) => sum + one.claimed.length, 0)).toBe(1000);
    expect(await usage(uuid)).toEqual({ counter: 1000, sum: 1000, consumers: 1000 });
  });
}

test('a process killed among its claims leaves usages equal to the sum of allocations, and nothing acknowledged is lost', async () => {
  const uuid = await provider(100_000);
  const before = await usage(uuid);
  const victim = claimer(uuid, 100_000, 20, (count) => {
    if (count >= 300) victim.child.kill('SIGKILL');
  });
  await victim.ended;
  const after = await usage(uuid);
  expect(after.counter).toBe(after.sum);
  expect(after.consumers - before.consumers).toBe(after.sum);
  expect(after.sum).toBeGreaterThanOrEqual(300);
  const { rows } = await sql<{
    kept: number;
  }>`select count(*) as kept from placement_consumers where uuid = any (${victim.claimed}::text[])`.execute(database);
  expect(rows[0]?.kept).toBe(victim.claimed.length);
});
