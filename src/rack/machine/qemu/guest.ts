// One running QEMU process: started, found again, steered over its monitor.
import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { rackErrors } from '../../errors.ts';
import { isMissing, type MachineFolder } from '../../folder.ts';
import { endProcess, isRunning, type OwnProcess, processNow } from '../../own-process.ts';
import { packageOf } from '../../run.ts';
import type { BootPlan, MachineFaults } from '../contract.ts';
import { deviceIds } from './command-line.ts';
import { answerPrompts } from './prompt.ts';
import { connectMonitor, type Monitor, type MonitorListener } from './qmp.ts';

const program = 'qemu-system-x86_64';

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
  readonly #stopAnswering: () => void;
  readonly #nics: number;

  private constructor(own: OwnProcess, monitor: Monitor, stopAnswering: () => void, nics: number) {
    this.process = own;
    this.#monitor = monitor;
    this.#stopAnswering = stopAnswering;
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
    const monitor = await connectMonitor(folder.monitor, name, listener, () => isRunning(own));
    if (!monitor) throw rackErrors.machineDidNotStart(name, readFileSync(folder.qemuLog, 'utf8'), folder.qemuLog);
    return new Guest(own, monitor, answerPrompts(folder.console), nics);
  }

  /** Sets what the next reset boots from: QEMU hands the order to the firmware at each reset. */
  async setBootOrder(plan: BootPlan): Promise<void> {
    const set = (device: keyof typeof deviceIds, value: number): Promise<unknown> =>
      this.#monitor.execute('qom-set', {
        path: `/machine/peripheral/${deviceIds[device]}`,
        property: 'bootindex',
        value,
      });
    // Two devices may not hold one index at a time, so all are taken off first.
    for (const device of ['disk', 'network', 'cd'] as const) await set(device, -1);
    for (const [index, device] of plan.order.entries()) await set(device, index);
  }

  async setMedia(path: string | undefined): Promise<void> {
    if (path === undefined) {
      await this.#monitor.execute('eject', { id: deviceIds.cd, force: true });
      return;
    }
    await this.#monitor.execute('blockdev-change-medium', {
      id: deviceIds.cd,
      filename: path,
      format: 'raw',
      'read-only-mode': 'read-only',
      force: true,
    });
  }

  async setLink(up: boolean): Promise<void> {
    for (let nic = 0; nic < this.#nics; nic++) await this.#monitor.execute('set_link', { name: `nic${nic}`, up });
  }

  /** Sets running guests running or halted: a guest stuck in its firmware has power and does nothing. */
  async setStuck(faults: MachineFaults): Promise<void> {
    await this.#monitor.execute(faults.stuckPost ? 'stop' : 'cont');
  }

  async reset(): Promise<void> {
    await this.#monitor.execute('system_reset');
  }

  async pressPowerButton(): Promise<void> {
    await this.#monitor.execute('system_powerdown');
  }

  async nmi(): Promise<void> {
    await this.#monitor.execute('inject-nmi');
  }

  /** QEMU's run state, for instance running, paused, prelaunch. */
  async state(): Promise<string> {
    const answer = await this.#monitor.execute('query-status');
    const status = answer !== null && typeof answer === 'object' && 'status' in answer ? answer.status : undefined;
    return typeof status === 'string' ? status : 'unknown';
  }

  detach(): void {
    this.#stopAnswering();
    this.#monitor.close();
  }

  /** Pulls the plug. */
  async end(): Promise<void> {
    this.detach();
    await endProcess(this.process);
  }
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
