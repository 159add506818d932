// Processes the rack started, found again after a crash by what only they have on their command line.
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { isMissing } from './folder.ts';

/** A process, told from a later one that got the same number by the time it started (clock ticks since boot, proc(5) field 22). */
export interface OwnProcess {
  readonly pid: number;
  readonly startedAt: string;
}

function startTime(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command name may hold spaces and brackets: fields are counted after its last closing bracket.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** The process of this number as it is now; undefined when it is gone or only waits to be reaped. */
export function processNow(pid: number): OwnProcess | undefined {
  const startedAt = startTime(pid);
  return startedAt === undefined ? undefined : { pid, startedAt };
}

/** True while this very process runs. */
export function isRunning(process: OwnProcess): boolean {
  return startTime(process.pid) === process.startedAt;
}

/**
 * Every process with an argument that contains one of the marks, by mark. A mark is a path inside the rack's folder, so
 * nothing but what this rack started carries it.
 */
export function processesByMark(marks: readonly string[]): Map<string, OwnProcess> {
  const found = new Map<string, OwnProcess>();
  for (const entry of readdirSync('/proc')) {
    const pid = Number(entry);
    if (!Number.isInteger(pid) || pid === process.pid) continue;
    let command: string;
    try {
      command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    } catch (error) {
      if (isMissing(error) || isForbidden(error)) continue;
      throw error;
    }
    for (const mark of marks) {
      if (!command.includes(mark)) continue;
      const own = processNow(pid);
      if (own) found.set(mark, own);
    }
  }
  return found;
}

function isForbidden(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'EACCES' || error.code === 'EPERM');
}

function signal(own: OwnProcess, name: NodeJS.Signals): void {
  if (!isRunning(own)) return;
  try {
    process.kill(own.pid, name);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}

/** Waits until the process is gone or the time is over; returns whether it is gone. */
export async function waitUntilGone(own: OwnProcess, limitMs: number): Promise<boolean> {
  const end = performance.now() + limitMs;
  while (isRunning(own)) {
    if (performance.now() >= end) return false;
    await wait(10);
  }
  return true;
}

/** Ends a process: politely, then for certain after `graceMs`. Returns when it is gone. */
export async function endProcess(own: OwnProcess, graceMs = 3000): Promise<void> {
  signal(own, 'SIGTERM');
  if (await waitUntilGone(own, graceMs)) return;
  signal(own, 'SIGKILL');
  await waitUntilGone(own, 5000);
}
