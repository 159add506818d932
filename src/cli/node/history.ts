// `undercloud node history` and `node why`: what happened to a machine, and why it is where it is.
import type { Command } from 'commander';
import type { ApiJson } from '../client/index.ts';
import { duration, failureText } from '../print/index.ts';
import { openSession, type SessionFlags, withSession } from '../session.ts';
import { wholeNumber } from '../whole-number.ts';
import { operationLines, wholeOperation } from './operation.ts';

export interface HistoryLine {
  /** ISO 8601. */
  readonly at: string;
  readonly what: string;
  readonly detail: string;
  /** For `--operation`. */
  readonly operation?: string;
}

export function registerHistoryCommand(node: Command): void {
  withSession(node.command('history <node>'))
    .description('What was done to a machine: operations with their times, steps, causes of failure')
    .option('--limit <count>', 'so many operations back', wholeNumber, 20)
    .option('--operation <id>', 'one operation whole: its steps, and what was said to the BMC')
    .action(async (ident: string, flags: SessionFlags & { limit: number; operation?: string }) => {
      const { client, printer } = openSession(flags);
      if (flags.operation !== undefined) {
        const whole = await wholeOperation(client, ident, flags.operation);
        printer.data(whole);
        for (const line of operationLines(whole)) printer.line(line);
        return;
      }
      const { uuid } = await client.get('baremetal', `/v1/nodes/${encodeURIComponent(ident)}?fields=uuid`);
      const { operations } = await client.get('operations', `?target=node:${uuid}&limit=${flags.limit}`);
      const { history } = await client.get('baremetal', `/v1/nodes/${uuid}/history?detail=true`);
      const lines = historyLines(operations, history);
      printer.data(lines);
      printer.table(
        ['at', 'what', 'operation', 'detail'],
        lines.map(({ at, what, operation, detail }) => [at.slice(0, 19), what, operation ?? '', detail]),
      );
    });
}

export function registerWhyCommand(node: Command): void {
  withSession(node.command('why <node>'))
    .description('Why is a machine in its state, what does it wait for, until when, what can I do')
    .action(async (ident: string, flags: SessionFlags) => {
      const { client, printer } = openSession(flags);
      const why = await client.get('baremetal', `/v1/nodes/${encodeURIComponent(ident)}/why`);
      printer.data(why);
      for (const line of whyLines(why, Date.now())) printer.line(line);
    });
}

/** Operations and steps in the order of their time; an operation that ended badly is told by its end, not twice. */
export function historyLines(operations: readonly ApiJson[], history: readonly ApiJson[]): HistoryLine[] {
  const told = new Set(operations.map(({ failure }) => failure?.cause).filter((cause) => typeof cause === 'string'));
  const ofOperations = operations.flatMap((one): HistoryLine[] => [
    {
      at: one.started_at ?? one.created_at,
      what: `${one.kind} begun`,
      detail: `asked for by ${one.requested_by}`,
      operation: one.id,
    },
    ...(one.finished_at === null
      ? []
      : [{ at: one.finished_at, what: `${one.kind} ${one.state}`, detail: endOf(one) }]),
  ]);
  const steps = history
    .filter(({ event }) => ![...told].some((cause) => event.startsWith(cause)))
    .map((one): HistoryLine => {
      return { at: one.created_at, what: one.severity === 'ERROR' ? 'error' : one.event_type, detail: one.event };
    });
  return [...ofOperations, ...steps].sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
}

function endOf(operation: ApiJson): string {
  if (operation.failure) return failureText(operation.failure);
  const seconds = (Date.parse(operation.finished_at) - Date.parse(operation.started_at ?? operation.created_at)) / 1000;
  return `after ${duration(seconds)}`;
}

export function whyLines(why: ApiJson, now: number): string[] {
  const target = why.target_provision_state === null ? '' : `, on its way to ${why.target_provision_state}`;
  const until = why.until === null ? '' : `, for ${duration((Date.parse(why.until) - now) / 1000)} more at the most`;
  return [
    `${why.name ?? why.uuid} is ${why.provision_state}${target}. ${why.meaning}`,
    ...(why.step === null ? [] : [`It runs the ${why.step} step.`]),
    ...(why.waiting_for === null ? [] : [`It is ${why.waiting_for}${until}.`]),
    ...why.problems,
    ...(why.bmc === null ? [] : [`Its BMC last refused: ${why.bmc}`]),
    ...(why.can.length === 0 ? ['Nothing can be asked of it until its operation ends.'] : ['You can:']),
    ...why.can.map(({ verb, effect }: { verb: string; effect: string }) => `  ${verb}: ${effect}`),
  ];
}
