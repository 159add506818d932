// A machine without a guest: power, boot and faults as a BMC sees them, thousands to a core.
import { setTimeout as wait } from 'node:timers/promises';
import { Type } from '@sinclair/typebox';
import { readJson, writeJson } from '../folder.ts';
import type { SimulatedDelays } from '../spec.ts';
import type { Board, Machine, PowerState } from './contract.ts';
import { Turnstile } from './turnstile.ts';

const Kept = Type.Object({ power: Type.Union([Type.Literal('On'), Type.Literal('Off')]) });

export interface SimulatedSurroundings {
  readonly delays: SimulatedDelays;
  /** File that keeps the power state over a restart of the rack. */
  readonly powerFile: string;
  /** Lets time pass; the clock of tests replaces it. */
  readonly wait?: (ms: number) => Promise<unknown>;
}

export class SimulatedMachine implements Machine {
  readonly kind = 'simulated';
  readonly #board: Board;
  readonly #around: SimulatedSurroundings;
  readonly #wait: (ms: number) => Promise<unknown>;
  readonly #turnstile = new Turnstile();
  #power: PowerState = 'Off';

  constructor(board: Board, around: SimulatedSurroundings) {
    this.#board = board;
    this.#around = around;
    this.#wait = around.wait ?? wait;
  }

  power(): PowerState {
    return this.#power;
  }

  pid(): undefined {
    return undefined;
  }

  async adopt(): Promise<void> {
    this.#power = readJson(this.#around.powerFile, Kept)?.power ?? 'Off';
  }

  powerOn(): Promise<void> {
    return this.#turnstile.pass(() => this.#on());
  }

  forceOff(): Promise<void> {
    return this.#turnstile.pass(() => this.#off());
  }

  /** A simulated system obeys its power button. */
  pressPowerButton(): Promise<void> {
    return this.#turnstile.pass(() => (this.#power === 'On' ? this.#off() : this.#on()));
  }

  gracefulRestart(): Promise<void> {
    return this.powerCycle();
  }

  forceRestart(): Promise<void> {
    return this.#turnstile.pass(async () => {
      if (this.#power === 'On') this.#board.bootBegan();
      else await this.#on();
    });
  }

  powerCycle(): Promise<void> {
    return this.#turnstile.pass(async () => {
      await this.#off();
      await this.#on();
    });
  }

  async nmi(): Promise<void> {}

  async setMedia(): Promise<void> {}

  async setFaults(): Promise<void> {}

  detach(): void {}

  async #on(): Promise<void> {
    if (this.#power === 'On') return;
    this.#change('PoweringOn');
    await this.#wait(this.#around.delays.powerOnMs);
    this.#board.bootBegan();
    this.#keep('On');
  }

  async #off(): Promise<void> {
    if (this.#power === 'Off') return;
    this.#change('PoweringOff');
    await this.#wait(this.#around.delays.powerOffMs);
    this.#keep('Off');
  }

  #keep(power: 'On' | 'Off'): void {
    writeJson(this.#around.powerFile, { power });
    this.#change(power);
  }

  #change(state: PowerState): void {
    this.#power = state;
    this.#board.powerChanged(state);
  }
}
