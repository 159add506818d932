// Makes one file of a server's sources, so that each of its many starts costs no compiling.
import { join } from 'node:path';
import { build } from 'esbuild';
import { repository } from '../harness/repository.ts';

/** Path of the bundle; packages stay where they are installed. */
export async function bundled(source: string): Promise<string> {
  const outfile = join(repository, '.cache', 'programs', source.replace(/\W+/g, '-').replace(/-ts$/, '.js'));
  await build({
    entryPoints: [join(repository, source)],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    sourcemap: 'inline',
  });
  return outfile;
}
