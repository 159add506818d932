// The IPMI face of a machine's BMC: a child ipmi_sim that comes and goes with the fault that kills the BMC.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { rackErrors } from '../errors.ts';
import { isMissing, type MachineFolder } from '../folder.ts';
import { endProcess, processesByMark } from '../own-process.ts';
import type { MachineSpec } from '../spec.ts';
import { chassisScript, emulatorFile, lanFile } from './files.ts';
import { SerialLine } from './serial-line.ts';

export class IpmiServer {
  readonly #spec: MachineSpec;
  readonly #folder: MachineFolder;
  readonly #report: (error: unknown) => void;
  readonly #type: (keys: Buffer) => void;
  #serial: SerialLine | undefined;
  #child: ChildProcess | undefined;

  /** `type`: what is typed on the console over IPMI. */
  constructor(
    spec: MachineSpec,
    folder: MachineFolder,
    type: (keys: Buffer) => void,
    report: (error: unknown) => void,
  ) {
    this.#spec = spec;
    this.#folder = folder;
    this.#report = report;
    this.#type = type;
  }

  /** Starts ipmi_sim, in place of one that an earlier rack process left. Throws `program-missing`. */
  async open(): Promise<void> {
    if (this.#child) return;
    const { ipmi } = this.#folder;
    const left = processesByMark([ipmi.lan]).get(ipmi.lan);
    if (left) await endProcess(left);
    mkdirSync(ipmi.state, { recursive: true });
    writeFileSync(ipmi.chassis, chassisScript(this.#spec), { mode: 0o700 });
    this.#serial ??= await SerialLine.open(this.#folder, this.#type);
    writeFileSync(ipmi.lan, lanFile(this.#spec, ipmi.chassis, this.#serial.port), { mode: 0o600 });
    writeFileSync(ipmi.emulator, emulatorFile);
    const child = spawn('ipmi_sim', ['-n', '-c', ipmi.lan, '-f', ipmi.emulator, '-s', ipmi.state], { stdio: 'ignore' });
    await new Promise<void>((done, failed) => {
      child.once('spawn', done);
      child.once('error', (error) =>
        failed(isMissing(error) ? rackErrors.programMissing('ipmi_sim', 'openipmi') : error),
      );
    });
    this.#child = child;
    child.once('exit', (code, signal) => {
      if (this.#child !== child) return;
      this.#child = undefined;
      this.#report(rackErrors.commandFailed('ipmi_sim', `it ended with ${signal ?? code}`));
    });
  }

  /** Ends ipmi_sim; resolves when it is gone. */
  async close(): Promise<void> {
    await this.#serial?.close();
    this.#serial = undefined;
    const child = this.#child;
    if (!child) return;
    this.#child = undefined;
    const gone = new Promise((done) => child.once('exit', done));
    child.kill('SIGKILL');
    await gone;
  }
}
