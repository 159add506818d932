// Runs the ramdisk's programs and keeps what they print.
import { type SpawnOptions, spawn } from 'node:child_process';
import { AgentError } from '../../errors.ts';

/** `run`, or a stand-in for it in tests. */
export type Run = (program: string, args: readonly string[]) => Promise<string>;

/** Standard output of a program. Throws AgentError `missingProgram`, or `programFailed` with its output. */
export function run(program: string, args: readonly string[], options: SpawnOptions = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    let out = '';
    let err = '';
    child.stdout?.on('data', (chunk) => {
      out += chunk;
    });
    child.stderr?.on('data', (chunk) => {
      err += chunk;
    });
    child.on('error', (cause) => reject(new AgentError('missingProgram', `${program}: ${cause.message}`, { cause })));
    child.on('close', (status) => {
      if (status === 0) return resolve(out);
      const command = [program, ...args].join(' ');
      reject(new AgentError('programFailed', `${command} ended with status ${status}`, { details: `${err}${out}` }));
    });
  });
}

/** Whether a program can be started at all. */
export async function has(program: string): Promise<boolean> {
  const { access, constants } = await import('node:fs/promises');
  for (const folder of (process.env.PATH ?? '/bin:/sbin:/usr/bin:/usr/sbin').split(':')) {
    const found = await access(`${folder}/${program}`, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return true;
  }
  return false;
}
