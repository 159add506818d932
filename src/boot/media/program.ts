// Runs one program of boot media building.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { BootMediaError } from './errors.ts';

const execute = promisify(execFile);

/** Throws `program_missing` or `program_failed` with what the program said. */
export async function run(program: string, ...words: string[]): Promise<void> {
  const env = { ...process.env, PATH: `${process.env.PATH ?? ''}:/usr/sbin:/sbin`, MTOOLS_SKIP_CHECK: '1' };
  try {
    await execute(program, words, { env });
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') {
      throw new BootMediaError('program_missing', `${program} is not installed`, { cause });
    }
    const said = cause instanceof Error && 'stderr' in cause ? String(cause.stderr).trim() : String(cause);
    throw new BootMediaError('program_failed', `${program} failed: ${said}`, { cause });
  }
}
