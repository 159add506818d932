// Watches a stack until its operation has ended: one line per resource that moves, one live line with progress.
import { setTimeout as pause } from 'node:timers/promises';
import type { ApiJson, Client } from '../client/index.ts';
import { followEvents } from '../operation/follow.ts';
import { operationsIn } from '../operation/open.ts';
import { createProgressLine, duration, type Printer } from '../print/index.ts';

export interface WatchedEnd {
  readonly stack: ApiJson;
  readonly operation: ApiJson;
}

/** Follows the events of the stack and of the machines it takes; the operation's row is the truth about the end. */
export async function watchStack(
  client: Client,
  printer: Printer,
  stack: { id: string; name: string; operationId: string },
  after?: string,
): Promise<WatchedEnd> {
  const progress = createProgressLine(printer.live);
  const began = Date.now();
  const stop = new AbortController();
  const at = () => `${((Date.now() - began) / 1000).toFixed(0).padStart(4)} s`;
  const nodes = new Map<string, string>();
  const told = (async () => {
    for await (const event of followEvents(client, stop.signal, after)) {
      if (printer.json) continue;
      if (event.kind === 'orchestration.resource' && event.subject === `stack:${stack.id}`) {
        const { resource, status, reason, type } = event.payload;
        if (type === 'OS::Heat::Stack' || /IN_PROGRESS$/.test(status)) continue;
        progress.keep(`${at()}  ${resource}  ${status}${/FAILED$/.test(status) ? `: ${reason}` : ''}`);
      } else if (event.kind.startsWith('baremetal.node.') && event.payload?.provision_state) {
        nodes.set(event.payload.name ?? event.subject, event.payload.provision_state);
      }
    }
  })();
  // Whoever waits for it below hears of its failure.
  told.catch(() => undefined);
  try {
    for (;;) {
      const { operation } = await client.get('operations', `/${stack.operationId}`);
      if (['done', 'failed', 'parked', 'cancelled'].includes(operation.state)) {
        const end = (await client.get('orchestration', `/stacks/${encodeURIComponent(stack.name)}/${stack.id}`)).stack;
        return { stack: end, operation };
      }
      const { done = 0, total } = operation.progress ?? {};
      progress.show(
        `${at()}  ${stack.name}: ${total ? `${done} of ${total} resources` : operation.reason}  ${await machinesAtWork(client)}`,
      );
      await Promise.race([pause(500), told]);
    }
  } finally {
    progress.end();
    // Let the last events through before the stream is closed.
    await pause(400);
    stop.abort();
    await told;
    progress.end();
  }
}

/** Machines that are being deployed or given back: their step, their progress, their rate and time left. */
async function machinesAtWork(client: Client): Promise<string> {
  const active = await operationsIn(client, ['running', 'waiting']);
  return active
    .filter((one: ApiJson) => one.kind.startsWith('node.'))
    .slice(0, 4)
    .map((one: ApiJson) => {
      const share = one.progress?.total ? ` ${Math.floor((100 * one.progress.done) / one.progress.total)} %` : '';
      return `[${one.reason}${share}]`;
    })
    .join(' ');
}

export function reportEnd({ stack, operation }: WatchedEnd, printer: Printer): void {
  const took = duration((Date.parse(operation.finished_at) - Date.parse(operation.created_at)) / 1000);
  printer.line(`${stack.stack_name} ${stack.stack_status} after ${took}`);
  if (/FAILED$/.test(stack.stack_status)) {
    printer.line(stack.stack_status_reason);
    if (operation.failure?.hint) printer.line(operation.failure.hint);
  }
  if (!/COMPLETE$/.test(stack.stack_status) || /^DELETE/.test(stack.stack_status)) return;
  for (const output of stack.outputs ?? []) {
    const value =
      typeof output.output_value === 'string' ? output.output_value.trimEnd() : JSON.stringify(output.output_value);
    printer.line(`  ${output.output_key}: ${output.output_error ?? value}`);
  }
}
