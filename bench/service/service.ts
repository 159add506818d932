// A service under measurement: its address and its processes.
import { readdirSync, readFileSync } from 'node:fs';

export interface Service {
  readonly name: string;
  /** Base URL of the API. */
  readonly url: string;
  /** Heads of its process trees, the database's last. */
  readonly pids: readonly number[];
  stop(): Promise<void>;
}

const ticksPerSecond = 100;

/** CPU seconds that the service's processes have used so far, those of their ended children included. */
export function cpuSeconds(service: Service): number {
  let ticks = 0;
  for (const pid of processes(service.pids)) {
    const fields = statOf(pid);
    for (const at of [11, 12, 13, 14]) ticks += Number(fields[at] ?? 0);
  }
  return ticks / ticksPerSecond;
}

/** Resident memory of the server's processes in MiB, pages shared among them counted once; without the database. */
export function residentMib(service: Service): number {
  // An embedded database is a child of the server.
  const database = processes(service.pids.slice(-1));
  let kib = 0;
  for (const pid of processes(service.pids.slice(0, -1))) {
    if (database.includes(pid)) continue;
    try {
      kib += Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0);
    } catch {
      // It has ended since the list was made.
    }
  }
  return Math.round(kib / 1024);
}

function processes(heads: readonly number[]): number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const parent = Number(statOf(Number(name))[1] ?? 0);
    children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  const found: number[] = [];
  const visit = (pid: number) => {
    if (found.includes(pid)) return;
    found.push(pid);
    for (const child of children.get(pid) ?? []) visit(child);
  };
  for (const head of heads) visit(head);
  return found;
}

/** Fields of /proc/PID/stat from the state on; empty when the process has ended. */
function statOf(pid: number): string[] {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return [];
  }
}
