// Bundles the command, the two agents and their data into dist/.

import { readFileSync, rmSync } from 'node:fs';
import { build } from 'esbuild';

const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
const shared = {
  bundle: true,
  platform: 'node',
  sourcemap: 'linked',
  logLevel: 'warning',
  define: { UNDERCLOUD_VERSION: JSON.stringify(version) },
} as const;

rmSync('dist', { recursive: true, force: true });
await Promise.all([
  build({
    ...shared,
    entryPoints: { undercloud: 'src/cli/main.ts' },
    outdir: 'dist',
    format: 'esm',
    target: 'node20',
    splitting: true,
    packages: 'external',
  }),
  // The agents run on machines with nothing but Node 18: one file each, nothing external.
  build({
    ...shared,
    entryPoints: { 'deploy-agent': 'src/agent/deploy/main.ts', 'config-agent': 'src/agent/config/main.ts' },
    outdir: 'dist',
    outExtension: { '.js': '.cjs' },
    format: 'cjs',
    target: 'node18',
    sourcemap: false,
    minify: true,
  }),
]);
