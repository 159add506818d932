// `undercloud wait`, `resume` and `events`.
import { setTimeout as pause } from 'node:timers/promises';
import type { Command } from 'commander';
import { ApiFailure, type ApiJson, type Client } from '../client/index.ts';
import { createProgressLine, duration, failureText, type Printer } from '../print/index.ts';
import { openSession, type SessionFlags, withSession } from '../session.ts';
import { UsageError } from '../usage-error.ts';
import { followEvents } from './follow.ts';

export function registerWaitCommand(program: Command): void {
  withSession(program.command('wait <operation>'))
    .description('Follow an operation to its end, live; interrupting changes nothing on the server')
    .action(async (id: string, flags: SessionFlags) => {
      const { client, printer } = openSession(flags);
      const operation = await waitForOperation(client, printer, id);
      printer.data(operation);
      if (operation.state !== 'done') process.exitCode = 1;
    });
}

export function registerResumeCommand(program: Command): void {
  withSession(program.command('resume <operation-or-stack>'))
    .description('Run what is parked or failed again: an operation, or what a stack has left undone')
    .action(async (name: string, flags: SessionFlags) => {
      const { client, printer } = openSession(flags);
      const id = await resumable(client, name);
      await client.post('operations', `/${id}/resume`, {});
      printer.line(`resumed ${id}`);
      const operation = await waitForOperation(client, printer, id);
      printer.data(operation);
      if (operation.state !== 'done') process.exitCode = 1;
    });
}

export function registerEventsCommand(program: Command): void {
  withSession(program.command('events'))
    .description('Show what happens, as it happens')
    .option('--since <id>', 'from after this event')
    .action(async (flags: SessionFlags & { since?: string }) => {
      const { client, printer } = openSession(flags);
      const stop = new AbortController();
      process.once('SIGINT', () => stop.abort());
      for await (const event of followEvents(client, stop.signal, flags.since)) {
        if (printer.json) process.stdout.write(`${JSON.stringify(event)}\n`);
        else
          printer.line(
            `${event.at.slice(11, 19)}  ${event.kind.padEnd(28)}  ${event.subject}  ${words(event.payload)}`,
          );
      }
    });
}

function words(payload: ApiJson): string {
  return Object.entries(payload ?? {})
    .filter(([, value]) => value !== null && typeof value !== 'object')
    .map(([key, value]) => `${key}=${String(value)}`)
    .join(' ');
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** An operation's own id, or the newest parked or failed operation of the stack with that name. */
async function resumable(client: Client, name: string): Promise<string> {
  if (uuid.test(name)) {
    const known = await client.get('operations', `/${name}`).catch((error: unknown) => {
      if (error instanceof ApiFailure && error.status === 404) return undefined;
      throw error;
    });
    if (known) return name;
  }
  const { stack } = await client.get('orchestration', `/stacks/${encodeURIComponent(name)}`);
  const { operations } = await client.get('operations', `?target=stack:${stack.id}`);
  const found = operations.find((one: ApiJson) => one.state === 'parked' || one.state === 'failed');
  if (!found)
    throw new UsageError(
      `stack ${name} has nothing to resume: its last operation is ${operations[0]?.state ?? 'unknown'}`,
    );
  return found.id;
}

/** Polls the row (its truth) and shows step, progress, rate and time left; returns it when it has ended. */
export async function waitForOperation(client: Client, printer: Printer, id: string): Promise<ApiJson> {
  const progress = createProgressLine(printer.live);
  let told = '';
  try {
    for (;;) {
      const { operation } = await client.get('operations', `/${encodeURIComponent(id)}`);
      if (['done', 'failed', 'parked', 'cancelled'].includes(operation.state)) {
        progress.end();
        const took = duration(
          (Date.parse(operation.finished_at ?? operation.updated_at) - Date.parse(operation.created_at)) / 1000,
        );
        printer.line(
          `${operation.kind} ${operation.state} after ${took}${operation.failure ? `: ${failureText(operation.failure)}` : ''}`,
        );
        return operation;
      }
      const text = `${operation.kind}: ${operation.reason ?? operation.state}${progressWords(operation)}`;
      progress.show(text);
      if (!printer.live && operation.reason !== told) printer.line(text);
      told = operation.reason;
      await pause(500);
    }
  } finally {
    progress.end();
  }
}

/** ` 40/100 nodes (40 %), 2.0/s, 30 s left`. */
export function progressWords(operation: ApiJson): string {
  const { progress } = operation;
  if (!progress) return '';
  const seconds = (Date.parse(progress.at) - Date.parse(operation.started_at ?? progress.at)) / 1000;
  const rate = seconds > 0 ? progress.done / seconds : 0;
  const share = progress.total
    ? ` of ${progress.total} ${progress.unit} (${Math.floor((100 * progress.done) / progress.total)} %)`
    : ` ${progress.unit}`;
  const left =
    progress.total && rate > 0 && progress.done < progress.total
      ? `, ${duration((progress.total - progress.done) / rate)} left`
      : '';
  return `  ${progress.done}${share}${left}`;
}
