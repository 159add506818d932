// Our server as a user starts it, on a fresh data folder.
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Service } from './service.ts';
import { freePort, untilAnswering } from './wait.ts';

const root = join(import.meta.dirname, '..', '..');

/** Starts `undercloud up --auth none`; `data` keeps a folder from before. */
export async function startOurs(data?: string): Promise<Service & { readonly data: string }> {
  const folder = data ?? mkdtempSync(join(tmpdir(), 'undercloud-bench-'));
  chmodSync(folder, 0o755);
  const port = await freePort();
  // The build is what users run; from source the compiler in the process would be measured too.
  const program = existsSync(join(root, 'dist', 'undercloud.js'))
    ? ['bin/undercloud']
    : ['--import', 'tsx', 'src/cli/main.ts'];
  const child = spawn(
    process.execPath,
    [...program, 'up', '--data', folder, '--listen', `127.0.0.1:${port}`, '--auth', 'none'],
    { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] },
  );
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const url = `http://127.0.0.1:${port}/placement`;
  await untilAnswering(url, 60);
  const postmaster = Number(readFileSync(join(folder, 'postgresql', 'postmaster.pid'), 'utf8').split('\n')[0]);
  return {
    name: 'undercloud',
    url,
    pids: [child.pid ?? 0, postmaster],
    data: folder,
    async stop() {
      child.kill('SIGINT');
      await ended;
      if (data === undefined) rmSync(folder, { recursive: true, force: true });
    },
  };
}
