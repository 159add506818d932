// Runs the programs of a folder in the order of their names, with the folder's environment.
import { access, constants, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AgentError } from '../../errors.ts';
import { isObject } from '../../parse.ts';
import { runProgram } from '../program.ts';

export interface RunPartsOptions {
  readonly folder: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Milliseconds since 1970 by which all must have ended. */
  readonly deadline: number;
  readonly now: () => number;
  readonly log: (line: string) => void;
}

/** Runs every executable whose name run-parts would take; the first that fails ends it. Throws AgentError `refresh` with the output's end. */
export async function runParts(options: RunPartsOptions): Promise<void> {
  const environment = await listed(join(dirname(options.folder), 'environment.d'));
  for (const name of await listed(options.folder)) {
    const path = join(options.folder, name);
    if (!(await executable(path))) continue;
    const timeoutMs = options.deadline - options.now();
    if (timeoutMs <= 0) throw new AgentError('refresh', `time was up before ${path}`);
    const started = options.now();
    const sourced = environment.map((file) => join(dirname(options.folder), 'environment.d', file));
    const [program, args] = sourced.length > 0 ? withEnvironment(path, sourced) : [path, []];
    const result = await runProgram(program, args, {
      env: options.env,
      timeoutMs,
      onOutput: (_stream, text) => {
        for (const line of text.trimEnd().split('\n')) options.log(`${name}: ${line}`);
      },
    });
    options.log(`${name} ended with status ${result.status} after ${((options.now() - started) / 1000).toFixed(1)} s`);
    if (result.status !== 0) {
      const details = `${result.stdout.slice(-4_000)}${result.stderr.slice(-4_000)}`;
      throw new AgentError('refresh', `${path} ended with status ${result.status}`, { details });
    }
  }
}

/** The scripts of environment.d are bash, sourced before each program. */
function withEnvironment(path: string, files: readonly string[]): readonly [string, readonly string[]] {
  const script = 'set -a; program=$1; shift; for file; do source "$file"; done; exec "$program"';
  return ['bash', ['-c', script, 'environment.d', path, ...files]];
}

async function listed(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder))
      .filter((name) => /^[\w.-]+$/.test(name) && !/\.(?:swp|orig|dpkg-\w+|new)$|~$/.test(name))
      .sort();
  } catch (thrown) {
    if (isObject(thrown) && thrown.code === 'ENOENT') return [];
    throw thrown;
  }
}

function executable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
