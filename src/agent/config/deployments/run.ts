// Runs the deployments of a machine's metadata, each once, and sees to it that each result arrives.
import type { Clock } from '../../clock.ts';
import { asAgentError } from '../../errors.ts';
import type { Json } from '../../parse.ts';
import type { DeploymentSignal } from '../../protocol.ts';
import type { RunWatch } from '../program.ts';
import { type DeploymentToRun, inputText, isData } from './deployment.ts';
import { findHook, runHook } from './external-hook.ts';
import type { Ledger, LedgerEntry } from './ledger.ts';
import type { Leftovers } from './leftover.ts';
import { logStream } from './log-stream.ts';
import { runScript } from './script-hook.ts';
import { sendSignal } from './signal.ts';

export interface DeploymentsOptions {
  readonly ledger: Ledger;
  readonly hookFolders: readonly string[];
  readonly scriptFolder: string;
  readonly leftovers: Leftovers;
  /** Installs the templates, for the group `apply-config`. */
  readonly applyTemplates: () => Promise<void>;
  readonly clock: Clock;
  /** Called when a result is on disk and waits to be sent; sending is the deliverer's alone, so that none is sent twice at once. */
  readonly resultReady: () => void;
  readonly log: (line: string) => void;
}

/** Runs those that have not run with this digest, in order. A failed one does not keep the others from running: its result says so. */
export async function runDeployments(list: readonly DeploymentToRun[], options: DeploymentsOptions): Promise<void> {
  const ended = await options.leftovers.endLast();
  if (ended !== undefined)
    options.log(`ended process group ${ended}: a deployment that an earlier agent had left running`);
  for (const deployment of list) {
    if (isData(deployment) || (await hasRun(deployment, options.ledger))) continue;
    await execute(deployment, options, () => runByGroup(deployment, options));
  }
}

/** Reports data deployments as done: they are once the templates and phases have run with them. */
export async function settleDataDeployments(
  list: readonly DeploymentToRun[],
  options: DeploymentsOptions,
): Promise<void> {
  for (const deployment of list) {
    if (!isData(deployment) || (await hasRun(deployment, options.ledger))) continue;
    await execute(deployment, options, async () => success(''));
  }
}

/** Sends every result that was not acknowledged yet; answers how many are still left. */
export async function deliverResults(options: Pick<DeploymentsOptions, 'ledger' | 'log'>): Promise<number> {
  let left = 0;
  for (const entry of await options.ledger.unacknowledged()) left += (await deliver(entry, options)) ? 0 : 1;
  return left;
}

async function hasRun(deployment: DeploymentToRun, ledger: Ledger): Promise<boolean> {
  const known = await ledger.get(deployment.id);
  return known !== undefined && known.digest === deployment.digest && known.state !== 'started';
}

async function execute(
  deployment: DeploymentToRun,
  options: DeploymentsOptions,
  work: () => Promise<DeploymentSignal>,
): Promise<void> {
  const { id, digest, entry } = deployment;
  await options.ledger.put({ id, digest, entry, state: 'started', result: undefined });
  const result: Json = { ...(await work()) };
  options.log(
    `deployment ${deployment.name} (${deployment.group}) ended with status ${String(result.deploy_status_code)}`,
  );
  await options.ledger.put({ id, digest, entry, state: 'finished', result });
  options.resultReady();
}

async function deliver(entry: LedgerEntry, options: Pick<DeploymentsOptions, 'ledger' | 'log'>): Promise<boolean> {
  const delivery = await sendSignal(entry.entry, entry.result ?? {});
  if (typeof delivery === 'object') {
    options.log(`result of deployment ${entry.id} is kept to be sent again: ${delivery.failed}`);
    return false;
  }
  if (delivery === 'gone') options.log(`nobody waits for the result of deployment ${entry.id}`);
  await options.ledger.acknowledge(entry);
  return true;
}

async function runByGroup(deployment: DeploymentToRun, options: DeploymentsOptions): Promise<DeploymentSignal> {
  const { group } = deployment;
  options.log(`deployment ${deployment.name} (${group}) starts`);
  const hook = await findHook(options.hookFolders, group);
  if (!hook && group === 'apply-config') return applied(options);
  if (!hook && group !== 'script') {
    return failure(`this image has no hook for group ${group}: add it to one of ${options.hookFolders.join(', ')}\n`);
  }
  const url = inputText(deployment.inputs.get('deploy_log_url'));
  const stream = url === '' ? undefined : logStream(url, deployment.id, options.clock, options.log);
  const watch: RunWatch = {
    onOutput: (name, text) => stream?.take(name, text),
    onStart: (group) => {
      options.leftovers.started(group).catch((thrown: unknown) => options.log(asAgentError(thrown).message));
    },
  };
  try {
    if (hook) return await runHook(hook, deployment, watch);
    return await runScript(deployment, options.scriptFolder, watch);
  } finally {
    await options.leftovers.ended();
    await stream?.close();
  }
}

async function applied(options: DeploymentsOptions): Promise<DeploymentSignal> {
  try {
    await options.applyTemplates();
    return success('templates installed\n');
  } catch (thrown) {
    return failure(`${asAgentError(thrown).details}\n`);
  }
}

const success = (stdout: string): DeploymentSignal => ({
  deploy_stdout: stdout,
  deploy_stderr: '',
  deploy_status_code: 0,
});
const failure = (stderr: string): DeploymentSignal => ({
  deploy_stdout: '',
  deploy_stderr: stderr,
  deploy_status_code: 1,
});
