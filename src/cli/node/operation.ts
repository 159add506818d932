// One operation on a machine, whole: its steps with their times, what was said to the BMC, how it ended, what is kept of it.
import { ApiFailure, type ApiJson, type Client } from '../client/index.ts';
import { duration, failureText } from '../print/index.ts';

export interface WholeOperation {
  /** As the operations API shows it, steps included. */
  readonly operation: ApiJson;
  /** Null where it said nothing to the BMC, or so long ago that it is gone. */
  readonly bmc: { readonly exchanges: readonly ApiJson[]; readonly omitted: number } | null;
  /** Bytes of the ramdisk's logs that are kept with its failure. */
  readonly logBytes: number | null;
}

/** Throws ApiFailure 404 for an operation that is not there. */
export async function wholeOperation(client: Client, node: string, id: string): Promise<WholeOperation> {
  const at = `/v1/nodes/${encodeURIComponent(node)}`;
  const { operation } = await client.get('operations', `/${encodeURIComponent(id)}`);
  const bmc = await client.get('baremetal', `${at}/bmc_calls/${encodeURIComponent(id)}`).catch((error: unknown) => {
    if (error instanceof ApiFailure && error.status === 404) return null;
    throw error;
  });
  const { agent_logs: logs } = await client.get('baremetal', `${at}/agent_logs`);
  const bytes = logs.find((one: ApiJson) => one.operation_id === id)?.bytes ?? null;
  return { operation, bmc, logBytes: bytes };
}

/** Steps and exchanges in the order of their time. */
export function operationLines({ operation, bmc, logBytes }: WholeOperation): string[] {
  const steps = operation.steps.map((step: ApiJson) => ({
    at: step.started_at,
    text: `${step.name}${step.finished_at === null ? '' : ` (${seconds(step.started_at, step.finished_at)})`}`,
  }));
  const calls = (bmc?.exchanges ?? []).map((call: ApiJson) => ({ at: call.at, text: `  ${callText(call)}` }));
  const lines = [...steps, ...calls].sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
  const { failure } = operation;
  return [
    `${operation.kind}, asked for by ${operation.requested_by}, is ${operation.state}.`,
    ...(bmc && bmc.omitted > 0 ? [`${bmc.omitted} earlier calls to the BMC are not kept.`] : []),
    ...lines.map(({ at, text }) => `${at.slice(11, 23)}  ${text}`),
    ...(failure ? [failureText(failure)] : []),
    ...(logBytes === null ? [] : [`The ramdisk's logs (${logBytes} bytes): undercloud node logs NODE -o FILE`]),
  ];
}

function seconds(from: string, to: string): string {
  return duration((Date.parse(to) - Date.parse(from)) / 1000);
}

function callText({ method, path, status, duration_ms: ms, times, said }: ApiJson): string {
  const answer = status === null ? 'no answer' : status;
  return `${method} ${path}: ${answer}, ${ms} ms${times > 1 ? ` at most, ${times} times` : ''}${said === null ? '' : `: ${said}`}`;
}
