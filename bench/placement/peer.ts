// Debian's placement-api under uwsgi with a PostgreSQL of its own, as the reference figures were measured.
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Service } from './service.ts';
import { freePort, untilAnswering } from './wait.ts';

const packages = ['postgresql', 'python3-psycopg2', 'placement-api', 'uwsgi-core', 'uwsgi-plugin-python3'];
const binaries = '/usr/lib/postgresql/15/bin';

/** Installs what is missing, starts both servers and makes the schema. Needs root. */
export async function startPeer(): Promise<Service> {
  install();
  const folder = mkdtempSync(join(tmpdir(), 'placement-peer-'));
  chmodSync(folder, 0o755);
  const databasePort = await freePort();
  const data = startDatabase(folder, databasePort);
  const port = await freePort();
  mkdirSync(join(folder, 'etc'));
  const config = join(folder, 'etc', 'placement.conf');
  writeFileSync(
    config,
    `[api]\nauth_strategy = noauth2\n[placement_database]\nconnection = postgresql+psycopg2://postgres@127.0.0.1:${databasePort}/placement\n`,
  );
  execFileSync('placement-manage', ['--config-file', config, 'db', 'sync'], { stdio: 'ignore' });
  const ini = join(folder, 'uwsgi.ini');
  writeFileSync(ini, uwsgi(port));
  const child = spawn('uwsgi_python311', ['--ini', ini], {
    stdio: 'ignore',
    env: { ...process.env, OS_PLACEMENT_CONFIG_DIR: join(folder, 'etc') },
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const url = `http://127.0.0.1:${port}`;
  await untilAnswering(`${url}/`, 60);
  const postmaster = Number(readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n')[0]);
  return {
    name: 'placement-api',
    url,
    pids: [child.pid ?? 0, postmaster],
    async stop() {
      child.kill('SIGTERM');
      await ended;
      asPostgres([`${binaries}/pg_ctl`, '-D', data, 'stop', '-m', 'fast']);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function install(): void {
  try {
    execFileSync('dpkg', ['-s', ...packages], { stdio: 'ignore' });
  } catch {
    const options = { stdio: 'ignore' as const, env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
    execFileSync('apt-get', ['update', '-qq'], options);
    execFileSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], options);
  }
}

function startDatabase(folder: string, port: number): string {
  const data = join(folder, 'postgresql');
  mkdirSync(data);
  execFileSync('chown', ['postgres', data]);
  asPostgres([`${binaries}/initdb`, '-D', data, '-A', 'trust', '-U', 'postgres']);
  const settings = `port=${port}\nlisten_addresses='127.0.0.1'\nunix_socket_directories='${data}'\nmax_connections=400\nshared_buffers=512MB\n`;
  writeFileSync(join(data, 'postgresql.conf'), settings, { flag: 'a' });
  asPostgres([`${binaries}/pg_ctl`, '-D', data, '-l', join(data, 'log'), '-w', 'start']);
  execFileSync('psql', [
    '-q',
    '-h',
    '127.0.0.1',
    '-p',
    String(port),
    '-U',
    'postgres',
    '-c',
    'create database placement',
  ]);
  return data;
}

function asPostgres(command: readonly string[]): void {
  execFileSync('setpriv', ['--reuid=postgres', '--regid=postgres', '--clear-groups', ...command], { stdio: 'ignore' });
}

function uwsgi(port: number): string {
  return [
    '[uwsgi]',
    'plugins-dir = /usr/lib/uwsgi/plugins',
    'plugin = python311',
    `http-socket = 127.0.0.1:${port}`,
    'wsgi-file = /usr/bin/placement-api',
    'master = true',
    'processes = 4',
    'threads = 10',
    'enable-threads = true',
    'lazy-apps = true',
    'disable-logging = true',
    'die-on-term = true',
    'buffer-size = 65535',
    'post-buffering = 65536',
    'listen = 128',
    'add-header = Connection: close',
    '',
  ].join('\n');
}
