// Builds the command before the tests that run it, unless it is newer than everything it is made of.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from './repository.ts';

function newest(path: string): number {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(stat.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))));
}

/** Called by the test runner once per project. */
export function setup(): void {
  const bundle = join(repository, 'dist', 'undercloud.js');
  const sources = ['src', 'build.ts', 'package.json'].map((name) => newest(join(repository, name)));
  if (existsSync(bundle) && statSync(bundle).mtimeMs > Math.max(...sources)) return;
  execFileSync('npm', ['run', '--silent', 'build'], { cwd: repository, stdio: 'inherit' });
}
