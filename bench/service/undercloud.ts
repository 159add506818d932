// Our server as a user starts it, on a fresh data folder.
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Service } from './service.ts';
import { freePort } from './wait.ts';

const root = join(import.meta.dirname, '..', '..');

export interface UndercloudOptions {
  readonly auth: 'none' | 'password';
  /** The path of the service under measurement, such as `/placement`. */
  readonly path: string;
  /** A folder from before, which is kept; default: a fresh one, which is removed. */
  readonly data?: string;
  /** Options of Node itself, such as `--cpu-prof`. */
  readonly node?: readonly string[];
  /** Settings besides. */
  readonly environment?: Readonly<Record<string, string>>;
}

export async function startUndercloud({
  auth,
  path,
  data,
  node = [],
  environment = {},
}: UndercloudOptions): Promise<Service & { readonly data: string }> {
  const folder = data ?? mkdtempSync(join(tmpdir(), 'undercloud-bench-'));
  chmodSync(folder, 0o755);
  const port = await freePort();
  // The build is what users run; from source the compiler in the process would be measured too.
  const program = existsSync(join(root, 'dist', 'undercloud.js'))
    ? ['bin/undercloud']
    : ['--import', 'tsx', 'src/cli/main.ts'];
  const child = spawn(
    process.execPath,
    [...node, ...program, 'up', '--data', folder, '--listen', `127.0.0.1:${port}`, '--auth', auth],
    { cwd: root, stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, ...environment } },
  );
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  // It answers a little before its administrator and its catalogue are there; it says so when all is.
  const serving = new Promise<void>((resolve) =>
    child.stdout.on('data', (text) => String(text).includes('serves at') && resolve()),
  );
  await Promise.race([serving, ended]);
  if (child.exitCode !== null) throw new Error(`undercloud ended with ${child.exitCode}`);
  const postmaster = Number(readFileSync(join(folder, 'postgresql', 'postmaster.pid'), 'utf8').split('\n')[0]);
  return {
    name: 'undercloud',
    url: `http://127.0.0.1:${port}${path}`,
    pids: [child.pid ?? 0, postmaster],
    data: folder,
    async stop() {
      child.kill('SIGINT');
      await ended;
      if (data === undefined) rmSync(folder, { recursive: true, force: true });
    },
  };
}
