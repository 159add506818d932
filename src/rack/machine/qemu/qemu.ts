// A machine backed by a QEMU guest.
import { closeSync, copyFileSync, existsSync, ftruncateSync, mkdirSync, openSync, rmSync } from 'node:fs';
import { type Static, Type } from '@sinclair/typebox';
import { rackErrors } from '../../errors.ts';
import { type MachineFolder, readJson, writeJson } from '../../folder.ts';
import { endProcess, type OwnProcess, processesByMark, waitUntilGone } from '../../own-process.ts';
import type { MachineSpec } from '../../spec.ts';
import type { Board, BootPlan, Machine, MachineFaults, PowerState } from '../contract.ts';
import { Turnstile } from '../turnstile.ts';
import { type Accelerator, guestCommand, ovmfVariables } from './command-line.ts';
import { Guest, markBoot, startQemu, wasShutDown } from './guest.ts';

/** Kept while the machine is on, for a later rack process. */
const Kept = Type.Object({ power: Type.Literal('On') });

/** A QEMU that has closed its monitor is gone within this time. */
const endLimitMs = 5000;

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

  /** A guest that was reset while no rack process could start it anew is started now; one that shut down stays off. */
  adopt(media: string | undefined): Promise<void> {
    return this.#turnstile.pass(async () => {
      this.#media = media;
      const { folder } = this.#around;
      const wasOn = readJson(folder.power, Kept) !== undefined;
      const own = processesByMark([folder.monitor]).get(folder.monitor);
      if (own && wasOn) {
        this.#guest = await this.#connect(own);
        await this.#settle(this.#guest);
        this.#changePower('On');
        return;
      }
      // Without its record the guest was still being started: no one has seen it on.
      if (own) await endProcess(own);
      if (!wasOn) return;
      if (wasShutDown(folder.qemuLog)) this.#keepOff();
      else await this.#start();
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
      this.#onAgainWhenOff = false;
      if (!this.#guest) await this.#start();
      else await this.#guest.pressPowerButton();
    });
  }

  gracefulRestart(): Promise<void> {
    return this.#turnstile.pass(async () => {
      if (!this.#guest) return;
      this.#onAgainWhenOff = true;
      await this.#guest.pressPowerButton();
    });
  }

  forceRestart(): Promise<void> {
    return this.#turnstile.pass(async () => {
      const guest = this.#guest;
      this.#guest = undefined;
      await guest?.end();
      await this.#start();
    });
  }

  powerCycle(): Promise<void> {
    return this.#turnstile.pass(async () => {
      await this.#stop();
      await this.#start();
    });
  }

  type(keys: Buffer): void {
    this.#guest?.type(keys);
  }

  nmi(): Promise<void> {
    return this.#turnstile.pass(async () => this.#guest?.nmi());
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

  #connect(own: OwnProcess): Promise<Guest> {
    const { folder } = this.#around;
    let reason = '';
    return Guest.connect(own, this.#spec.name, folder, this.#spec.nics.length, {
      event: (name, why) => {
        if (name === 'SHUTDOWN') reason = why;
      },
      closed: () => this.#inBackground(() => this.#afterEnd(own, reason)),
    });
  }

  #inBackground(action: () => Promise<void>): void {
    this.#turnstile.pass(action).catch(this.#around.report);
  }

  async #start(): Promise<void> {
    if (this.#guest) return;
    const { folder, enter } = this.#around;
    // A machine that is reset stays on, whatever QEMU has to do for it.
    if (this.#power !== 'On') this.#changePower('PoweringOn');
    try {
      const accelerator = await this.#around.accelerator;
      const boot = this.#board.plan();
      this.#prepareFiles(boot);
      const words = guestCommand({
        machine: this.#spec,
        folder,
        boot,
        faults: this.#faults,
        accelerator,
        now: new Date(),
      });
      const own = await startQemu(enter, words, folder.qemuLog);
      const guest = await this.#connect(own);
      this.#guest = guest;
      writeJson(folder.power, { power: 'On' } satisfies Static<typeof Kept>);
      if (this.#media !== undefined) await guest.setMedia(this.#media);
      this.#board.bootBegan();
      await this.#settle(guest);
      this.#changePower('On');
    } catch (error) {
      await this.#guest?.end();
      this.#guest = undefined;
      this.#keepOff();
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
    if (boot.firmware === 'uefi' && !existsSync(folder.variables)) {
      if (!existsSync(ovmfVariables)) throw rackErrors.programMissing('UEFI firmware for QEMU', 'ovmf');
      copyFileSync(ovmfVariables, folder.variables);
    }
    markBoot(folder.consoleLog, new Date(), boot);
  }

  /** Sets the link and lets a halted guest run, unless it is to be stuck in its firmware. */
  async #settle(guest: Guest): Promise<void> {
    await guest.setLink(!this.#faults.linkDown);
    if (!this.#faults.stuckPost && (await guest.isHalted())) await guest.run();
  }

  #keepOff(): void {
    rmSync(this.#around.folder.power, { force: true });
    this.#changePower('Off');
  }

  async #stop(): Promise<void> {
    this.#onAgainWhenOff = false;
    const guest = this.#guest;
    if (!guest) return;
    this.#changePower('PoweringOff');
    this.#guest = undefined;
    await guest.end();
    this.#keepOff();
  }

  /** QEMU is gone: its guest reset itself or shut down, or its process was killed. */
  async #afterEnd(own: OwnProcess, reason: string): Promise<void> {
    const guest = this.#guest;
    if (guest?.process !== own) return;
    this.#guest = undefined;
    guest.detach();
    if (!(await waitUntilGone(own, endLimitMs))) await endProcess(own);
    const isReset = reason.endsWith('reset');
    if (!isReset) this.#keepOff();
    if (!isReset && !this.#onAgainWhenOff) return;
    this.#onAgainWhenOff = false;
    await this.#start();
  }
}
