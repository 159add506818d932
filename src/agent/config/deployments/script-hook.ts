// The built-in `script` hook: runs a deployment's config as a program, as heat-config's own does.
import { chmod, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { DeploymentSignal } from '../../protocol.ts';
import { type RunWatch, runProgram } from '../program.ts';
import { type DeploymentToRun, inputText } from './deployment.ts';

/** Runs in `folder`, which also holds the script. Inputs are environment variables; each output is the file $heat_outputs_path.NAME that the script leaves behind. */
export async function runScript(
  deployment: DeploymentToRun,
  folder: string,
  watch: RunWatch,
): Promise<DeploymentSignal> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const script = join(folder, deployment.id.replace(/[^\w.-]/g, '_'));
  const outputs = `${script}.output`;
  await clear(outputs);
  const { config } = deployment.entry;
  await writeFile(script, typeof config === 'string' ? config : inputText(config), { mode: 0o700 });
  await chmod(script, 0o700);
  const env: Record<string, string | undefined> = { ...process.env };
  for (const [name, value] of deployment.inputs) env[name] = inputText(value);
  const result = await runProgram(script, [], {
    cwd: folder,
    env: { ...env, heat_outputs_path: outputs },
    timeoutMs: deployment.timeoutMs,
    ...watch,
  });
  const values: Record<string, string> = {};
  for (const name of deployment.outputs) {
    const text = await readFile(`${outputs}.${name}`, 'utf8').catch(() => undefined);
    if (text !== undefined) values[name] = text;
  }
  await clear(outputs);
  return { ...values, deploy_stdout: result.stdout, deploy_stderr: result.stderr, deploy_status_code: result.status };
}

/** An output of an earlier run must not pass for one of this run. */
async function clear(outputs: string): Promise<void> {
  const prefix = `${basename(outputs)}.`;
  for (const name of await readdir(dirname(outputs))) {
    if (name.startsWith(prefix)) await rm(join(dirname(outputs), name));
  }
}
