// `undercloud up` itself: what it refuses and how, how it stops, what a kill leaves.
import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { startEmbeddedPostgres } from '../../src/database/index.ts';
import { openstackOnce } from '../harness/openstack.ts';
import { alive, processesWith } from '../harness/processes.ts';
import {
  type CommandRun,
  finishCommand,
  runCommand,
  temporaryFolder,
  type Undercloud,
  up,
} from '../harness/undercloud.ts';
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

const first = newFolder();

describe('a server from its first start to its last', () => {
  test('keeps its passwords to its owner and says in how many seconds it came up', async () => {
    const cloud = await serve(first);
    for (const secret of ['clouds.yaml', 'secret.key', 'admin-password'])
      expect(statSync(join(first, secret)).mode & 0o777).toBe(0o600);
    const [line] = /up in [0-9.]+ s/.exec(cloud.run.output()) ?? [];
    expect(line).toBeDefined();
    process.stdout.write(`${line}, database made; the goal is under 3 s on a quiet machine\n`);
  });

  test('takes its database with it when it is killed, and the next one knows what was acknowledged', async () => {
    const cloud = await serve(first);
    const made = await cloud.call('POST', '/identity/v3/projects', { project: { name: 'kept', domain_id: 'default' } });
    expect(made.status).toBe(201);
    const family = processesWith(first);
    expect(family.length).toBeGreaterThan(1);
    await cloud.run.kill('SIGKILL');
    await until('the database has ended too', () => !family.some(alive));
    const again = await serve(first);
    const { body } = await again.call('GET', '/identity/v3/projects?name=kept');
    expect(body.projects).toHaveLength(1);
  });

  test('refuses a second one on its folder, by the pid of the first, which goes on and stops cleanly at Ctrl-C', async () => {
    const cloud = await serve(first);
    const told = await refusal(['--data', first, '--listen', '127.0.0.1:0']);
    expect(told).toContain(String(cloud.run.pid));
    expect(told.split('\n')).toHaveLength(1);
    const port = new URL(cloud.origin).port;
    const elsewhere = newFolder();
    const taken = await refusal(['--data', elsewhere, '--listen', `127.0.0.1:${port}`]);
    expect(taken).toContain(`127.0.0.1:${port} is in use`);
    expect(taken.split('\n')).toHaveLength(1);
    expect(processesWith(elsewhere)).toEqual([]);
    expect((await fetch(`${cloud.origin}/healthz`)).status).toBe(200);
    expect(await cloud.run.kill('SIGINT')).toEqual({ code: 0, signal: null });
    expect(processesWith(first)).toEqual([]);
    expect(existsSync(join(first, 'undercloud.pid'))).toBe(false);
  });

  test('ends by itself when its database is taken away while it stops', async () => {
    const folder = newFolder();
    const cloud = await serve(folder);
    const database = processesWith(folder).filter((pid) => pid !== cloud.run.pid);
    expect(database.length).toBeGreaterThan(0);
    process.kill(cloud.run.pid, 'SIGTERM');
    for (const pid of database) process.kill(pid, 'SIGKILL');
    expect(await cloud.run.ended).toEqual({ code: 0, signal: null });
    expect(existsSync(join(folder, 'undercloud.pid'))).toBe(false);
    await until('the database has ended too', () => !database.some(alive));
  });

  test('refuses a database that a newer version has migrated', async () => {
    const database = await startEmbeddedPostgres({ folder: first });
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    await client.query("insert into schema_migrations (name, digest) values ('9999_from_the_future', '')");
    await client.end();
    await database.stop();
    const told = await refusal(['--data', first, '--listen', '127.0.0.1:0']);
    expect(told).toContain('9999_from_the_future');
    expect(told.split('\n')).toHaveLength(1);
  });
});

describe('up refuses with one clear line', () => {
  test('a data folder that cannot be written', async () => {
    const file = join(root.path, 'a-file');
    writeFileSync(file, '');
    const told = await refusal(['--data', join(file, 'data'), '--listen', '127.0.0.1:0']);
    expect(told).toContain('cannot be written');
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

test('over TLS with a certificate of its own, the command and the openstack client trust what clouds.yaml names', async () => {
  const cloud = await serve(newFolder(), { env: { UNDERCLOUD_TLS__MODE: 'on' } });
  expect(cloud.origin).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
  await expect(fetch(`${cloud.origin}/healthz`)).rejects.toThrow();
  const client = { OS_CLIENT_CONFIG_FILE: cloud.cloudsFile, OS_CLOUD: 'undercloud' };
  expect(await finishCommand(['node', 'list', '--json'], { env: client })).toContain('[]');
  const endpoints = await openstackOnce({ cloudsFile: cloud.cloudsFile }, 'endpoint list -f value -c URL');
  for (const url of endpoints.trim().split('\n')) expect(url).toContain(cloud.origin);
});

test('without authentication placement wants a token, bare metal takes the caller for an admin; all is written into the data folder', async () => {
  const home = join(root.path, 'home');
  mkdirSync(home);
  const cloud = await serve(newFolder(), { flags: ['--auth', 'none'], env: { HOME: home } });
  const status = async (path: string, headers: Record<string, string> = {}) =>
    (await fetch(`${cloud.origin}${path}`, { headers })).status;
  expect(await status('/placement/')).toBe(200);
  expect(await status('/placement/resource_providers')).toBe(401);
  expect(await status('/placement/resource_providers', { 'x-auth-token': 'admin' })).toBe(200);
  expect(await status('/placement/resource_providers', { 'x-auth-token': 'somebody:project' })).toBe(403);
  expect(await status('/baremetal/v1/nodes')).toBe(200);
  expect(await cloud.run.kill('SIGTERM')).toEqual({ code: 0, signal: null });
  expect(readdirSync(home)).toEqual([]);
});
