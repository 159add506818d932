// Runs one step of a build as a child process whose output goes to the build's log.
import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ImageBuildError } from '../errors.ts';
import type { Step } from './plan.ts';
import { type BuildPlaces, enterTree, hooksInChroot, installPackages, removePackages } from './script.ts';

/** Runs `step` on the tree at `places.root`. Throws `step_failed` with the end of its output; the log has all of it. */
export async function runStep(
  step: Step,
  places: BuildPlaces,
  environment: Readonly<Record<string, string>>,
  log: string,
  signal?: AbortSignal,
): Promise<void> {
  const place = {
    ...environment,
    TARGET_ROOT: places.root,
    BUILD_HOOKS: places.hooks,
    TMP_MOUNT_PATH: places.root,
    TMP_HOOKS_PATH: places.hooks,
    DIB_HOOKS: places.hooks,
    UNDERCLOUD_STEP_DIGEST: step.digest,
  };
  await runLogged(commandOf(step, places), place, `step ${step.name}`, log, signal);
}

function commandOf(step: Step, places: BuildPlaces): string[] {
  const { work } = step;
  const inside = (...command: string[]): string[] => [
    'unshare',
    '--mount',
    '--propagation',
    'slave',
    'bash',
    '-c',
    enterTree,
    'enter',
    ...command,
  ];
  if (work.kind === 'packages') {
    const [text, names] = work.remove.length > 0 ? [removePackages, work.remove] : [installPackages, work.install];
    return inside('bash', '-c', text, 'packages', ...names);
  }
  const script = join(work.phase, work.file.name);
  return work.inChroot ? inside(`${hooksInChroot}/${script}`) : [join(places.hooks, script)];
}

/** Runs `command` with its output appended to `log`. Throws `step_failed` naming `what`, the exit and the last lines. */
export async function runLogged(
  command: readonly string[],
  environment: Readonly<Record<string, string>>,
  what: string,
  log: string,
  signal?: AbortSignal,
): Promise<void> {
  const [program = '', ...rest] = command;
  const file = openSync(log, 'a');
  const from = readFileSync(log).length;
  const outcome = await new Promise<string | undefined>((resolve, reject) => {
    const child = spawn(program, rest, {
      env: { ...environment },
      stdio: ['ignore', file, file],
      cwd: '/',
      ...(signal ? { signal } : {}),
    });
    child.once('error', reject);
    child.once('exit', (code, killedBy) =>
      resolve(code === 0 ? undefined : killedBy ? `was ended by ${killedBy}` : `left with status ${code}`),
    );
  })
    .catch((cause: unknown) => {
      throw new ImageBuildError('step_failed', `${what} could not run ${program}`, { cause });
    })
    .finally(() => closeSync(file));
  if (outcome === undefined) return;
  const tail = readFileSync(log).subarray(from).toString('utf8').trimEnd().split('\n').slice(-12).join('\n');
  throw new ImageBuildError('step_failed', `${what} ${outcome}; log: ${log}\n${tail}`);
}
