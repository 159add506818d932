// A peer out of Debian's packages: what is missing gets installed, a PostgreSQL and a uwsgi of its own run below one folder.
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Service } from './service.ts';
import { freePort, untilAnswering } from './wait.ts';

const databasePackages = ['postgresql', 'python3-psycopg2'];
const uwsgiPackages = ['uwsgi-core', 'uwsgi-plugin-python3'];
const binaries = '/usr/lib/postgresql/15/bin';

export interface Peer {
  readonly name: string;
  /** Debian's packages of the service. */
  readonly packages: readonly string[];
  /** The WSGI script that they install. */
  readonly wsgi: string;
  /** Writes the configuration below `folder`, makes the schema and returns the environment that names the configuration. */
  prepare(folder: string, database: string): NodeJS.ProcessEnv;
}

export interface Surroundings {
  readonly folder: string;
  /** SQLAlchemy's URL of an empty database. */
  readonly database: string;
  /** Of the database. */
  readonly pid: number;
  /** Ends the database and forgets the folder. */
  leave(): void;
}

/** Installs what is missing of `packages`, makes a folder and starts a PostgreSQL in it. Needs root. */
export async function surroundings(name: string, packages: readonly string[]): Promise<Surroundings> {
  install([...databasePackages, ...packages]);
  const folder = mkdtempSync(join(tmpdir(), `${name}-peer-`));
  chmodSync(folder, 0o755);
  const port = await freePort();
  const data = startDatabase(folder, port, name);
  return {
    folder,
    database: `postgresql+psycopg2://postgres@127.0.0.1:${port}/${name}`,
    pid: Number(readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n')[0]),
    leave() {
      asPostgres([`${binaries}/pg_ctl`, '-D', data, 'stop', '-m', 'fast']);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Starts both servers on loopback. Needs root. */
export async function startPeer(peer: Peer): Promise<Service> {
  const { folder, database, pid, leave } = await surroundings(peer.name, [...uwsgiPackages, ...peer.packages]);
  const environment = peer.prepare(folder, database);
  const port = await freePort();
  const ini = join(folder, 'uwsgi.ini');
  writeFileSync(ini, uwsgi(port, peer.wsgi));
  const child = spawn('uwsgi_python311', ['--ini', ini], { stdio: 'ignore', env: { ...process.env, ...environment } });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const url = `http://127.0.0.1:${port}`;
  await untilAnswering(`${url}/`, 60);
  return {
    name: peer.name,
    url,
    pids: [child.pid ?? 0, pid],
    async stop() {
      child.kill('SIGTERM');
      await ended;
      leave();
    },
  };
}

function install(packages: readonly string[]): void {
  try {
    execFileSync('dpkg', ['-s', ...packages], { stdio: 'ignore' });
  } catch {
    const options = { stdio: 'ignore' as const, env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
    execFileSync('apt-get', ['update', '-qq'], options);
    execFileSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], options);
  }
}

function startDatabase(folder: string, port: number, name: string): string {
  const data = join(folder, 'postgresql');
  mkdirSync(data);
  execFileSync('chown', ['postgres', data]);
  asPostgres([`${binaries}/initdb`, '-D', data, '-A', 'trust', '-U', 'postgres']);
  const settings = `port=${port}\nlisten_addresses='127.0.0.1'\nunix_socket_directories='${data}'\nmax_connections=400\nshared_buffers=512MB\n`;
  writeFileSync(join(data, 'postgresql.conf'), settings, { flag: 'a' });
  asPostgres([`${binaries}/pg_ctl`, '-D', data, '-l', join(data, 'log'), '-w', 'start']);
  const server = ['-h', '127.0.0.1', '-p', String(port), '-U', 'postgres'];
  execFileSync('psql', ['-q', ...server, '-c', `create database "${name}"`]);
  return data;
}

function asPostgres(command: readonly string[]): void {
  execFileSync('setpriv', ['--reuid=postgres', '--regid=postgres', '--clear-groups', ...command], { stdio: 'ignore' });
}

function uwsgi(port: number, script: string): string {
  return [
    '[uwsgi]',
    'plugins-dir = /usr/lib/uwsgi/plugins',
    'plugin = python311',
    `http-socket = 127.0.0.1:${port}`,
    `wsgi-file = ${script}`,
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
