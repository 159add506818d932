// The embedded PostgreSQL beside what a killed run has left.
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, expect, test } from 'vitest';
import { removeCluster, startEmbeddedPostgres } from './embedded.ts';

const folder = mkdtempSync(join(tmpdir(), 'undercloud-embedded-'));
chmodSync(folder, 0o755);
afterAll(() => removeCluster(folder));

test('a server that an earlier run left while it shuts down is waited for', async () => {
  const left = await startEmbeddedPostgres({ folder, unsafe: true });
  const client = new pg.Client({ connectionString: left.url });
  await client.connect();
  // PostgreSQL's smart shutdown lasts as long as a client stays.
  process.kill(left.pid, 'SIGTERM');
  let clientLeft = false;
  const starting = startEmbeddedPostgres({ folder, unsafe: true }).then((server) => ({ server, clientLeft }));
  await client.query('select pg_sleep(0.3)');
  clientLeft = true;
  await client.end();
  const next = await starting;
  expect(next.clientLeft).toBe(true);
  await next.server.stop();
});

test('Ctrl-C in a terminal, which reaches all of its processes, leaves the server to us', async () => {
  const server = await startEmbeddedPostgres({ folder, unsafe: true });
  const group = execFileSync('ps', ['-o', 'pgid=', '-p', String(server.pid)], { encoding: 'utf8' });
  expect(Number(group)).toBe(server.pid);
  await server.stop();
});

test('a server that hangs is ended all the same, and the next one goes on with its data', async () => {
  const hanging = await startEmbeddedPostgres({ folder, unsafe: true });
  process.kill(hanging.pid, 'SIGSTOP');
  await hanging.stop(100);
  const next = await startEmbeddedPostgres({ folder, unsafe: true });
  await next.stop();
});

test('a first start that is killed while it makes the cluster leaves none that is half made', async () => {
  const fresh = mkdtempSync(join(tmpdir(), 'undercloud-embedded-'));
  chmodSync(fresh, 0o755);
  const program = `import { startEmbeddedPostgres } from ${JSON.stringify(join(import.meta.dirname, 'embedded.ts'))};
    await startEmbeddedPostgres({ folder: ${JSON.stringify(fresh)} });`;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program], {
    detached: true,
    stdio: 'inherit',
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  while (!readdirSync(fresh, { recursive: true }).some((path) => String(path).endsWith('PG_VERSION')))
    await new Promise((again) => setTimeout(again, 1));
  process.kill(-(child.pid ?? 0), 'SIGKILL');
  await ended;
  const next = await startEmbeddedPostgres({ folder: fresh, unsafe: true });
  await next.stop();
  removeCluster(fresh);
});
