// Takes a deployment's result from its machine: outputs, exit status, and who waits for it.
import type { Database } from '../../database/index.ts';
import type { Operations } from '../../operations/index.ts';
import { type DeploymentRow, findConfig, findDeployment, updateDeployment } from './store.ts';

/** What heat-config-notify sends: the standard three and the config's own outputs. */
export type SignalDetails = Readonly<Record<string, unknown>>;

/**
 * Records the result. Failed: an exit status other than 0 (and 2 for puppet is the hook's affair), or an output declared
 * as `error_output` that was given. Answers the deployment, or undefined when it is gone.
 */
export async function takeSignal(
  database: Database,
  operations: Operations,
  id: string,
  details: SignalDetails,
): Promise<DeploymentRow | undefined> {
  const deployment = await findDeployment(database, id);
  if (!deployment) return undefined;
  const config = await findConfig(database, deployment.config_id);
  const failure = failureOf(
    details,
    (config?.outputs ?? []).filter((output) => output.error_output === true).map((output) => output.name),
  );
  const updated = await updateDeployment(database, id, {
    output_values: details,
    status: failure === undefined ? 'COMPLETE' : 'FAILED',
    status_reason: failure ?? 'Outputs received',
  });
  if (deployment.operation_id) await operations.send(deployment.operation_id, 'signal', { deployment: id });
  return updated;
}

function failureOf(details: SignalDetails, errorOutputs: readonly string[]): string | undefined {
  const reasons = errorOutputs.filter((name) => details[name]).map((name) => `${name}: ${String(details[name])}`);
  const status = details.deploy_status_code ?? 0;
  if (String(status) !== '0')
    reasons.push(`deploy_status_code: Deployment exited with non-zero status code: ${String(status)}`);
  return reasons.length === 0 ? undefined : reasons.join(', ');
}
