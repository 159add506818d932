// `undercloud up` itself: what it refuses and how, how it stops, what a kill leaves.
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { alive, processesWith } from '../harness/processes.ts';
import { type CommandRun, runCommand, temporaryFolder, type Undercloud, up } from '../harness/undercloud.ts';
import { until } from '../harness/until.ts';

const root = temporaryFolder();
const running: CommandRun[] = [];
let folders = 0;
function newFolder(): string {
  return join(root.path, `data-${++folders}`);
}
async function serve(folder: string, options: Parameters<typeof up>[1] = {}): Promise<Undercloud> {
  const cloud = await up(folder, options);
  running.push(cloud.run);
  return cloud;
}
/** Runs `up` where it must not come up; returns its one line. */
async function refusal(words: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<string> {
  const run = runCommand(['up', ...words], env);
  running.push(run);
  const { code } = await run.ended;
  expect(code).toBe(1);
  return run.output().trim();
}
afterEach(async () => {
  for (const run of running.splice(0)) await run.kill('SIGKILL');
});
afterAll(() => root.remove());

describe('a running server', () => {
  test('refuses a second one on its data folder and names the process that holds it', async () => {
    const folder = newFolder();
    const cloud = await serve(folder);
    const told = await refusal(['--data', folder, '--listen', '127.0.0.1:0']);
    expect(told).toContain(String(cloud.run.pid));
    expect(told.split('\n')).toHaveLength(1);
    expect((await fetch(`${cloud.origin}/healthz`)).status).toBe(200);
  });

  test('keeps its password file to its owner and says in how many seconds it came up', async () => {
    const cloud = await serve(newFolder());
    expect(statSync(cloud.cloudsFile).mode & 0o777).toBe(0o600);
    const [line] = /up in [0-9.]+ s/.exec(cloud.run.output()) ?? [];
    expect(line).toBeDefined();
    process.stdout.write(`${line}; goal: under 3 s on a quiet machine\n`);
  });

  test.each(['SIGINT', 'SIGTERM'] as const)('stops cleanly at %s and leaves no process and no lock', async (signal) => {
    const cloud = await serve(newFolder());
    expect(await cloud.run.kill(signal)).toEqual({ code: 0, signal: null });
    expect(processesWith(cloud.folder)).toEqual([]);
    expect(existsSync(join(cloud.folder, 'undercloud.pid'))).toBe(false);
  });

  test('takes its database with it when it is killed, and the next one works on', async () => {
    const folder = newFolder();
    const cloud = await serve(folder);
    const made = await cloud.call('POST', '/identity/v3/projects', { project: { name: 'kept', domain_id: 'default' } });
    expect(made.status).toBe(201);
    const family = processesWith(folder);
    expect(family.length).toBeGreaterThan(1);
    await cloud.run.kill('SIGKILL');
    await until('the database has ended too', () => !family.some(alive));
    const again = await serve(folder);
    const { body } = await again.call('GET', '/identity/v3/projects?name=kept');
    expect(body.projects).toHaveLength(1);
  });
});

describe('up refuses with one clear line', () => {
  test('a port that is in use', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const folder = newFolder();
    const told = await refusal(['--data', folder, '--listen', `127.0.0.1:${port}`]);
    other.close();
    expect(told).toContain(`127.0.0.1:${port} is in use`);
    expect(told.split('\n')).toHaveLength(1);
    expect(processesWith(folder)).toEqual([]);
  });

  test('a data folder that cannot be written', async () => {
    const file = join(root.path, 'a-file');
    writeFileSync(file, '');
    const told = await refusal(['--data', join(file, 'data'), '--listen', '127.0.0.1:0']);
    expect(told).toContain('cannot be written');
    expect(told.split('\n')).toHaveLength(1);
  });

  test('a database that a newer version has migrated', async () => {
    const folder = newFolder();
    const cloud = await serve(folder);
    const socket = join(folder, 'postgresql');
    const { default: pg } = await import('pg');
    const client = new pg.Client({
      connectionString: `postgresql://undercloud@localhost/undercloud?host=${encodeURIComponent(socket)}`,
    });
    await client.connect();
    const { rows } = await client.query(
      "select table_name from information_schema.columns where table_name like '%migration%' and column_name = 'name' and table_schema = 'public'",
    );
    await client.query(`insert into ${rows[0].table_name} (name) values ('9999_from_the_future')`);
    await client.end();
    await cloud.run.kill('SIGTERM');
    const told = await refusal(['--data', folder, '--listen', '127.0.0.1:0']);
    expect(told).toContain('9999_from_the_future');
    expect(told.split('\n')).toHaveLength(1);
  });

  test('a configuration with a wrong key, which it names', async () => {
    const file = join(root.path, 'config.yaml');
    writeFileSync(file, 'cleaning: {automatic: true}\n');
    const told = await refusal(['--data', newFolder(), '--config', file]);
    expect(told).toContain('automatic');
    expect(told.split('\n')).toHaveLength(1);
  });

  test('a variable with a wrong value, which it names', async () => {
    const told = await refusal(['--data', newFolder()], { UNDERCLOUD_CLEANING__AUTOMATED: 'perhaps' });
    expect(told).toContain('automated');
  });

  test('an interface that does not exist', async () => {
    expect(await refusal(['--data', newFolder(), '--listen', '127.0.0.1:0', '--provision', 'nosuch0'])).toContain(
      'no interface nosuch0',
    );
  });

  test('serving everybody as admin beyond loopback', async () => {
    const told = await refusal(['--data', newFolder(), '--listen', '0.0.0.0:0', '--auth', 'none']);
    expect(told).toContain('loopback');
    expect(told.split('\n')).toHaveLength(1);
  });
});

test('without authentication placement wants a token, bare metal takes the caller for an admin', async () => {
  const cloud = await serve(newFolder(), { flags: ['--auth', 'none'] });
  const status = async (path: string, headers: Record<string, string> = {}) =>
    (await fetch(`${cloud.origin}${path}`, { headers })).status;
  expect(await status('/placement/')).toBe(200);
  expect(await status('/placement/resource_providers')).toBe(401);
  expect(await status('/placement/resource_providers', { 'x-auth-token': 'admin' })).toBe(200);
  expect(await status('/placement/resource_providers', { 'x-auth-token': 'somebody:project' })).toBe(403);
  expect(await status('/baremetal/v1/nodes')).toBe(200);
});

test('a data folder holds everything that was written: nothing appears beside it', async () => {
  const home = join(root.path, 'home');
  mkdirSync(home);
  const cloud = await serve(newFolder(), { env: { HOME: home } });
  await cloud.run.kill('SIGTERM');
  expect(readdirSync(home)).toEqual([]);
  rmSync(home, { recursive: true });
  expect(readFileSync(cloud.cloudsFile, 'utf8')).toContain('auth_url');
  expect(
    execFileSync('stat', ['-c', '%a', join(cloud.folder, 'secret.key')])
      .toString()
      .trim(),
  ).toBe('600');
});
