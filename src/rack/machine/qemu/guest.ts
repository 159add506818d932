// One running QEMU process: started, found again, steered over its monitor.
import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, writeSync } from 'node:fs';
import { rackErrors } from '../../errors.ts';
import { isMissing, type MachineFolder } from '../../folder.ts';
import { endProcess, isRunning, type OwnProcess, processNow, waitUntilGone } from '../../own-process.ts';
import { packageOf } from '../../run.ts';
import type { BootPlan } from '../contract.ts';
import { cdId, shutdownTrace } from './command-line.ts';
import { answerPrompts, type Serial } from './prompt.ts';
import { connectMonitor, type Monitor, type MonitorListener } from './qmp.ts';

const program = 'qemu-system-x86_64';

/** A QEMU that has closed its monitor is gone within this time. */
const endLimitMs = 2000;

/** Starts QEMU in its own session, so that it outlives the rack process. Throws `program-missing`. */
export async function startQemu(enter: readonly string[], words: readonly string[], log: string): Promise<OwnProcess> {
  const [first = program, ...rest] = [...enter, program, ...words];
  const output = openSync(log, 'w');
  try {
    const child = spawn(first, rest, { detached: true, stdio: ['ignore', output, output] });
    await new Promise<void>((done, failed) => {
      child.once('spawn', done);
      child.once('error', (error) =>
        failed(isMissing(error) ? rackErrors.programMissing(first, packageOf(first)) : error),
      );
    });
    child.unref();
    const own = child.pid === undefined ? undefined : processNow(child.pid);
    // Gone before it could be looked at: whoever connects to its monitor finds out why.
    return own ?? { pid: child.pid ?? 0, startedAt: '' };
  } finally {
    closeSync(output);
  }
}

/** A guest whose monitor answers. */
export class Guest {
  readonly process: OwnProcess;
  readonly #monitor: Monitor;
  readonly #serial: Serial;
  readonly #nics: number;

  private constructor(own: OwnProcess, monitor: Monitor, serial: Serial, nics: number) {
    this.process = own;
    this.#monitor = monitor;
    this.#serial = serial;
    this.#nics = nics;
  }

  /** Connects to a guest. Throws `machine-did-not-start` with QEMU's own words when it has ended. */
  static async connect(
    own: OwnProcess,
    name: string,
    folder: MachineFolder,
    nics: number,
    listener: MonitorListener,
  ): Promise<Guest> {
    const monitor = await connectMonitor(folder.monitor, name, listener, () => isRunning(own)).catch(
      async (error: unknown) => {
        // QEMU opens its monitor before its disks: one that ends between the two has said why.
        if (await waitUntilGone(own, endLimitMs)) return undefined;
        throw error;
      },
    );
    if (!monitor) throw rackErrors.machineDidNotStart(name, readFileSync(folder.qemuLog, 'utf8'), folder.qemuLog);
    return new Guest(own, monitor, answerPrompts(folder.console), nics);
  }

  async setMedia(path: string | undefined): Promise<void> {
    if (path === undefined) {
      await this.#monitor.execute('eject', { id: cdId, force: true });
      return;
    }
    await this.#monitor.execute('blockdev-change-medium', {
      id: cdId,
      filename: path,
      format: 'raw',
      'read-only-mode': 'read-only',
      force: true,
    });
  }

  async setLink(up: boolean): Promise<void> {
    for (let nic = 0; nic < this.#nics; nic++) await this.#monitor.execute('set_link', { name: `nic${nic}`, up });
  }

  /** Lets the guest, which starts halted, run its first instruction. */
  async run(): Promise<void> {
    await this.#monitor.execute('cont');
  }

  async pressPowerButton(): Promise<void> {
    await this.#monitor.execute('system_powerdown');
  }

  type(keys: Buffer): void {
    this.#serial.type(keys);
  }

  async nmi(): Promise<void> {
    await this.#monitor.execute('inject-nmi');
  }

  /** True for a guest that has not run its first instruction yet. */
  async isHalted(): Promise<boolean> {
    const answer = await this.#monitor.execute('query-status');
    return answer !== null && typeof answer === 'object' && 'status' in answer && answer.status === 'prelaunch';
  }

  detach(): void {
    this.#serial.close();
    this.#monitor.close();
  }

  /** Pulls the plug. */
  async end(): Promise<void> {
    this.detach();
    await endProcess(this.process);
  }
}

/** True when the log of a QEMU that is gone says that it was shut down, and not reset or killed. */
export function wasShutDown(log: string): boolean {
  return existsSync(log) && readFileSync(log, 'utf8').includes(shutdownTrace);
}

/** Writes a line between two boots into the console log, so that a reader sees where one begins. */
export function markBoot(log: string, at: Date, plan: BootPlan): void {
  const file = openSync(log, 'a');
  try {
    writeSync(
      file,
      `\r\n--- ${at.toISOString()} power on: ${plan.firmware}, boots from ${plan.order.join(', ')} ---\r\n`,
    );
  } finally {
    closeSync(file);
  }
}
