// Hooks that an image brings: programs named after their group, as heat-config calls them.
import { access, constants } from 'node:fs/promises';
import { join } from 'node:path';
import { isObject, type Json } from '../../parse.ts';
import type { DeploymentSignal } from '../../protocol.ts';
import { type RunWatch, runProgram } from '../program.ts';
import type { DeploymentToRun } from './deployment.ts';

/** The program for a group, or undefined when the image has none. */
export async function findHook(folders: readonly string[], group: string): Promise<string | undefined> {
  if (!/^[\w.:-]+$/.test(group)) return undefined;
  for (const folder of folders) {
    const path = join(folder, group);
    const found = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return path;
  }
  return undefined;
}

/**
 * Gives the hook the deployment as JSON and takes its answer. A hook that ends badly or answers no JSON object has failed, and what it
 * printed is the result.
 */
export async function runHook(hook: string, deployment: DeploymentToRun, watch: RunWatch): Promise<DeploymentSignal> {
  const result = await runProgram(hook, [], {
    stdin: JSON.stringify(deployment.entry),
    timeoutMs: deployment.timeoutMs,
    // Its stdout is the answer, so only what it says on the side is worth showing while it runs.
    onOutput: (stream, text) => (stream === 'stderr' ? watch.onOutput?.(stream, text) : undefined),
    ...(watch.onStart ? { onStart: watch.onStart } : {}),
  });
  const answer = parse(result.stdout);
  if (!answer || result.status !== 0) {
    return { deploy_stdout: result.stdout, deploy_stderr: result.stderr, deploy_status_code: result.status || 1 };
  }
  const code = answer.deploy_status_code;
  return {
    ...answer,
    deploy_stdout: String(answer.deploy_stdout ?? ''),
    deploy_stderr: String(answer.deploy_stderr ?? ''),
    deploy_status_code: typeof code === 'number' || typeof code === 'string' ? code : 0,
  };
}

function parse(text: string): Json | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    // Told apart by the caller: no answer is a failed hook.
    return undefined;
  }
}
