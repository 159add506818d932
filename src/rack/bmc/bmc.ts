// One BMC: its settings, its sessions, its subscribers, and the machine it steers.

import { setTimeout as timer } from 'node:timers/promises';
import { type Faults, machineFaults } from '../faults/index.ts';
import { type MachineFolder, readJson, writeJson } from '../folder.ts';
import type { Board, BootPlan, Machine, PowerState } from '../machine/index.ts';
import type { MachineSpec } from '../spec.ts';
import { afterBoot, bootPlan } from './boot.ts';
import { powerEvent, sendEvent } from './events.ts';
import { downloadImage } from './media.ts';
import { Sessions } from './sessions.ts';
import { BmcState, freshState, keptState, type Subscription } from './state.ts';
import { Tasks } from './tasks.ts';

export const resetTypes = [
  'On',
  'ForceOn',
  'ForceOff',
  'GracefulShutdown',
  'GracefulRestart',
  'ForceRestart',
  'PowerCycle',
  'PushPowerButton',
  'Nmi',
] as const;
export type ResetType = (typeof resetTypes)[number];

export interface BmcSurroundings {
  readonly spec: MachineSpec;
  readonly folder: MachineFolder;
  now(): Date;
  /** Lets time pass; the clock of tests replaces it. */
  readonly wait?: (ms: number) => Promise<unknown>;
  /** Whether it speaks IPMI too, on the UDP port of the same number. */
  readonly ipmi?: boolean;
  /** What goes wrong where no caller waits. */
  report(error: unknown): void;
}

export class Bmc implements Board {
  readonly spec: MachineSpec;
  readonly sessions: Sessions;
  readonly tasks: Tasks;
  readonly #around: BmcSurroundings;
  readonly #machine: Machine;
  #state: BmcState;
  #events = 0;

  constructor(around: BmcSurroundings, build: (board: Board, faults: Faults) => Machine) {
    this.#around = around;
    this.spec = around.spec;
    this.sessions = new Sessions(around.spec.bmc, () => around.now().getTime());
    this.tasks = new Tasks(around.wait ?? timer);
    const kept = readJson(around.folder.bmcState, BmcState);
    const { firmware } = around.spec;
    this.#state = kept ? keptState(kept, firmware) : freshState(firmware, around.now());
    this.#machine = build(this, this.#state.faults);
  }

  get state(): BmcState {
    return this.#state;
  }

  get machine(): Machine {
    return this.#machine;
  }

  get folder(): MachineFolder {
    return this.#around.folder;
  }

  get ipmi(): boolean {
    return this.#around.ipmi === true;
  }

  now(): Date {
    return this.#around.now();
  }

  /** Tells of what went wrong where no caller waits. */
  readonly report = (error: unknown): void => this.#around.report(error);

  /** Takes back a guest left running by an earlier rack process. */
  start(): Promise<void> {
    return this.#machine.adopt(this.#state.media?.file);
  }

  plan(): BootPlan {
    return bootPlan(this.#state);
  }

  bootBegan(): void {
    this.#keep(afterBoot(this.#state, this.now()));
  }

  powerChanged(power: PowerState): void {
    for (const subscription of this.#state.subscriptions) this.notify(subscription, power);
  }

  /** Sends a subscriber the event of a power state; one that cannot be reached misses it. */
  notify(subscription: Subscription, power: PowerState): void {
    const event = powerEvent(String(++this.#events), subscription, power, this.now());
    sendEvent(subscription, event).catch(this.#around.report);
  }

  /** Changes settings and keeps them. A changed boot order is that of the next boot. */
  change(next: Partial<BmcState>): void {
    this.#keep({ ...this.#state, ...next });
  }

  async setFaults(faults: Faults): Promise<void> {
    this.change({ faults });
    await this.#machine.setFaults(machineFaults(faults));
  }

  /** Downloads an image and puts it into the virtual drive. Throws `media-download-failed`. */
  async insertMedia(image: string, writeProtected: boolean): Promise<void> {
    const file = await downloadImage(image, this.folder.media);
    await this.#machine.setMedia(file);
    this.change({ media: { image, file, writeProtected } });
  }

  async ejectMedia(): Promise<void> {
    const { media: _, ...others } = this.#state;
    await this.#machine.setMedia(undefined);
    this.#keep(others);
  }

  /** Carries out a reset action; resolves when the machine has taken it. */
  reset(type: ResetType): Promise<void> {
    if (this.#state.faults['power-stuck']) return Promise.resolve();
    switch (type) {
      case 'On':
      case 'ForceOn':
        return this.#machine.powerOn();
      case 'ForceOff':
        return this.#machine.forceOff();
      case 'GracefulShutdown':
        return this.#machine.power() === 'Off' ? Promise.resolve() : this.#machine.pressPowerButton();
      case 'GracefulRestart':
        return this.#machine.gracefulRestart();
      case 'ForceRestart':
        return this.#machine.forceRestart();
      case 'PowerCycle':
        return this.#machine.powerCycle();
      case 'PushPowerButton':
        return this.#machine.pressPowerButton();
      case 'Nmi':
        return this.#machine.nmi();
      default:
        return type satisfies never;
    }
  }

  #keep(state: BmcState): void {
    this.#state = state;
    writeJson(this.folder.bmcState, state);
  }
}
