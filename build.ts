// Bundles the command, the two agents and their data into dist/.

import { existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { build } from 'esbuild';

const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
const shared = {
  bundle: true,
  platform: 'node',
  sourcemap: 'linked',
  logLevel: 'warning',
  define: { UNDERCLOUD_VERSION: JSON.stringify(version) },
} as const;

// Built aside and swapped in, so that a command started meanwhile finds the old program or the new one, whole.
const made = `dist.${process.pid}`;
const old = `dist.${process.pid}.old`;
await Promise.all([
  build({
    ...shared,
    entryPoints: { undercloud: 'src/cli/main.ts', 'hash-thread': 'src/image/chunks/hash-thread.js' },
    outdir: made,
    format: 'esm',
    target: 'node20',
    splitting: true,
    packages: 'external',
  }),
  // The agents run on machines with nothing but Node 18: one file each, nothing external.
  build({
    ...shared,
    entryPoints: { 'deploy-agent': 'src/agent/deploy/main.ts', 'config-agent': 'src/agent/config/main.ts' },
    outdir: made,
    outExtension: { '.js': '.cjs' },
    format: 'cjs',
    target: 'node18',
    sourcemap: false,
    minify: true,
  }),
]);
if (existsSync('dist')) renameSync('dist', old);
renameSync(made, 'dist');
rmSync(old, { recursive: true, force: true });
