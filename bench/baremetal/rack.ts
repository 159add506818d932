// A rack of simulated machines as a user starts it.
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { askFault } from '../../src/rack/control.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '..', '..');

export interface RackNode {
  readonly name: string;
  readonly driver: string;
  readonly driver_info: Readonly<Record<string, unknown>>;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly ports: readonly { readonly address: string; readonly pxe_enabled: boolean }[];
}

export interface SimulatedRack {
  readonly pid: number;
  readonly nodes: readonly RackNode[];
  /** Switches a fault of a machine on. */
  fault(machine: string, kind: string, value?: string): Promise<unknown>;
  stop(): Promise<void>;
}

export async function startRack(options: readonly string[]): Promise<SimulatedRack> {
  const data = mkdtempSync(join(tmpdir(), 'rack-bench-'));
  const rack = async (...words: string[]) =>
    (
      await run(process.execPath, ['bin/undercloud', 'rack', ...words, '--data', data, '--json'], {
        cwd: root,
        maxBuffer: 64 << 20,
      })
    ).stdout;
  const status: { pid: number; nodesFile: string } = JSON.parse(await rack('up', '--kind', 'simulated', ...options));
  const { nodes }: { nodes: RackNode[] } = JSON.parse(readFileSync(status.nodesFile, 'utf8'));
  return {
    pid: status.pid,
    nodes,
    fault: (machine, kind, value) => askFault(join(data, 'rack', 'control.sock'), machine, kind, value),
    async stop() {
      await rack('down', '--wipe');
      rmSync(data, { recursive: true, force: true });
    },
  };
}
