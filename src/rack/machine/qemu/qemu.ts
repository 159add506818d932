// A machine backed by a QEMU guest.
import { closeSync, copyFileSync, existsSync, ftruncateSync, mkdirSync, openSync } from 'node:fs';
import { Type } from '@sinclair/typebox';
import { type MachineFolder, readJson, writeJson } from '../../folder.ts';
import { endProcess, isRunning, processesByMark, waitUntilGone } from '../../own-process.ts';
import type { MachineSpec } from '../../spec.ts';
import type { Board, BootPlan, Firmware, Machine, MachineFaults, PowerState } from '../contract.ts';
import { Turnstile } from '../turnstile.ts';
import { type Accelerator, guestCommand, ovmfVariables } from './command-line.ts';
import { Guest, markBoot, startQemu } from './guest.ts';

/** Kept beside the guest: what a later rack process must know of it. */
const Running = Type.Object({ firmware: Type.Union([Type.Literal('bios'), Type.Literal('uefi')]) });

export interface QemuSurroundings {
  readonly folder: MachineFolder;
  /** Command words that run a program inside the rack's network. */
  readonly enter: readonly string[];
  /** Known once the probe of this host has ended; the first power-on waits for it. */
  readonly accelerator: Promise<Accelerator>;
  /** What goes wrong where no caller waits, for instance while a guest resets itself. */
  report(error: unknown): void;
}

export class QemuMachine implements Machine {
  readonly kind = 'qemu';
  readonly #spec: MachineSpec;
  readonly #board: Board;
  readonly #around: QemuSurroundings;
  readonly #turnstile = new Turnstile();
  #guest: Guest | undefined;
  #firmware: Firmware = 'bios';
  #power: PowerState = 'Off';
  #media: string | undefined;
  #faults: MachineFaults;
  #onAgainWhenOff = false;

  constructor(spec: MachineSpec, board: Board, around: QemuSurroundings, faults: MachineFaults) {
    this.#spec = spec;
    this.#board = board;
    this.#around = around;
    this.#faults = faults;
  }

  power(): PowerState {
    return this.#power;
  }

  pid(): number | undefined {
    return this.#guest?.process.pid;
  }

  adopt(): Promise<void> {
    return this.#turnstile.pass(async () => {
      const { folder } = this.#around;
      const own = processesByMark([folder.monitor]).get(folder.monitor);
      if (!own) return;
      const known = readJson(folder.power, Running);
      if (!known) {
        // Without its record the guest was still being started: no one has seen it on.
        await endProcess(own);
        return;
      }
      this.#firmware = known.firmware;
      this.#guest = await this.#connect(own);
      await this.#settle(this.#guest);
      this.#changePower('On');
    });
  }

  powerOn(): Promise<void> {
    return this.#turnstile.pass(() => this.#start());
  }

  forceOff(): Promise<void> {
    return this.#turnstile.pass(() => this.#stop());
  }

  pressPowerButton(): Promise<void> {
    return this.#turnstile.pass(async () => {
      if (!this.#guest) await this.#start();
      else await this.#guest.pressPowerButton();
    });
  }

  gracefulRestart(): Promise<void> {
    return this.#turnstile.pass(async () => {
      this.#onAgainWhenOff = true;
      await this.#guest?.pressPowerButton();
    });
  }

  forceRestart(): Promise<void> {
    return this.#turnstile.pass(async () => {
      if (this.#guest && this.#board.plan().firmware === this.#firmware) {
        await this.#guest.reset();
        return;
      }
      await this.#stop();
      await this.#start();
    });
  }

  powerCycle(): Promise<void> {
    return this.#turnstile.pass(async () => {
      await this.#stop();
      await this.#start();
    });
  }

  nmi(): Promise<void> {
    return this.#turnstile.pass(async () => this.#guest?.nmi());
  }

  planChanged(): Promise<void> {
    return this.#turnstile.pass(async () => this.#guest?.setBootOrder(this.#board.plan()));
  }

  setMedia(path: string | undefined): Promise<void> {
    return this.#turnstile.pass(async () => {
      this.#media = path;
      await this.#guest?.setMedia(path);
    });
  }

  setFaults(faults: MachineFaults): Promise<void> {
    return this.#turnstile.pass(async () => {
      const before = this.#faults;
      this.#faults = faults;
      if (before.linkDown !== faults.linkDown) await this.#guest?.setLink(!faults.linkDown);
    });
  }

  detach(): void {
    this.#guest?.detach();
    this.#guest = undefined;
  }

  #changePower(state: PowerState): void {
    if (this.#power === state) return;
    this.#power = state;
    this.#board.powerChanged(state);
  }

  async #connect(own: Parameters<typeof Guest.connect>[0]): Promise<Guest> {
    const { folder } = this.#around;
    const guest: Guest = await Guest.connect(own, this.#spec.name, folder, this.#spec.nics.length, {
      event: (name) => {
        if (name === 'RESET') this.#inBackground(() => this.#afterReset(guest));
      },
      closed: () => this.#inBackground(() => this.#afterEnd(guest)),
    });
    return guest;
  }

  #inBackground(action: () => Promise<void>): void {
    this.#turnstile.pass(action).catch(this.#around.report);
  }

  async #start(): Promise<void> {
    if (this.#guest) return;
    const { folder, enter } = this.#around;
    this.#changePower('PoweringOn');
    try {
      const accelerator = await this.#around.accelerator;
      const boot = this.#board.plan();
      this.#prepareFiles(boot);
      const words = guestCommand({ machine: this.#spec, folder, boot, faults: this.#faults, accelerator });
      const own = await startQemu(enter, words, folder.qemuLog);
      const guest = await this.#connect(own);
      this.#guest = guest;
      this.#firmware = boot.firmware;
      writeJson(folder.power, { firmware: boot.firmware });
      if (this.#media !== undefined) await guest.setMedia(this.#media);
      this.#board.bootBegan();
      await this.#settle(guest);
      this.#changePower('On');
    } catch (error) {
      await this.#guest?.end();
      this.#guest = undefined;
      this.#changePower('Off');
      throw error;
    }
  }

  #prepareFiles(boot: BootPlan): void {
    const { folder } = this.#around;
    mkdirSync(folder.path, { recursive: true });
    for (const [index, disk] of this.#spec.disks.entries()) {
      const path = folder.disk(index);
      if (existsSync(path)) continue;
      const file = openSync(path, 'w', 0o600);
      ftruncateSync(file, disk.sizeBytes);
      closeSync(file);
    }
    if (boot.firmware === 'uefi' && !existsSync(folder.variables)) copyFileSync(ovmfVariables, folder.variables);
    markBoot(folder.consoleLog, new Date(), boot);
  }

  /** Brings a guest in line with the link, the plan of its next boot, and the fault that halts it. */
  async #settle(guest: Guest): Promise<void> {
    await guest.setLink(!this.#faults.linkDown);
    await guest.setStuck(this.#faults);
    await guest.setBootOrder(this.#board.plan());
  }

  async #stop(): Promise<void> {
    this.#onAgainWhenOff = false;
    const guest = this.#guest;
    if (!guest) return;
    this.#changePower('PoweringOff');
    this.#guest = undefined;
    await guest.end();
    this.#changePower('Off');
  }

  /** The guest or the BMC has reset the machine: this boot took the plan that was set, the next one takes the plan after it. */
  async #afterReset(guest: Guest): Promise<void> {
    if (this.#guest !== guest) return;
    if (this.#board.plan().firmware !== this.#firmware) {
      // The other firmware can only be put in by starting QEMU anew.
      await this.#stop();
      await this.#start();
      return;
    }
    this.#board.bootBegan();
    await guest.setStuck(this.#faults);
    await guest.setBootOrder(this.#board.plan());
  }

  /** QEMU's monitor is gone: the guest shut itself down, or its process was killed. */
  async #afterEnd(guest: Guest): Promise<void> {
    if (this.#guest !== guest) return;
    this.#guest = undefined;
    guest.detach();
    if (!(await waitUntilGone(guest.process, 5000)) && isRunning(guest.process)) await endProcess(guest.process);
    this.#changePower('Off');
    if (!this.#onAgainWhenOff) return;
    this.#onAgainWhenOff = false;
    await this.#start();
  }
}
