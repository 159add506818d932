// A machine without hardware: power, boot and faults as a BMC sees them, the real deploy agent inside, thousands to a core.
import { setTimeout as wait } from 'node:timers/promises';
import { Type } from '@sinclair/typebox';
import { type MachineFolder, readJson, writeJson } from '../../folder.ts';
import type { MachineSpec } from '../../spec.ts';
import type { Board, Machine, MachineFaults, PowerState } from '../contract.ts';
import { Turnstile } from '../turnstile.ts';
import { drawMs, type SimulatedDelays } from './delays.ts';
import { SimulatedGuest } from './guest.ts';

const Kept = Type.Object({
  power: Type.Union([Type.Literal('On'), Type.Literal('Off')]),
  /** Digest of the image on the disk. */
  installed: Type.Optional(Type.Union([Type.String(), Type.Null()])),
});

export interface SimulatedSurroundings {
  readonly spec: MachineSpec;
  readonly folder: Pick<MachineFolder, 'power' | 'consoleLog'>;
  readonly delays: SimulatedDelays;
  /** Where machines on the provisioning network find their boot scripts; undefined: nowhere. */
  readonly bootUrl?: string | undefined;
  readonly random?: () => number;
  /** Lets time pass; the clock of tests replaces it. */
  readonly wait?: (ms: number) => Promise<unknown>;
}

export class SimulatedMachine implements Machine {
  readonly kind = 'simulated';
  readonly #board: Board;
  readonly #around: SimulatedSurroundings;
  readonly #wait: (ms: number) => Promise<unknown>;
  readonly #turnstile = new Turnstile();
  readonly #guest: SimulatedGuest;
  #faults: MachineFaults;
  #power: PowerState = 'Off';
  #installed: string | null = null;
  #disc: string | undefined;

  constructor(board: Board, around: SimulatedSurroundings, faults: MachineFaults) {
    this.#board = board;
    this.#around = around;
    this.#faults = faults;
    this.#wait = around.wait ?? wait;
    this.#guest = new SimulatedGuest({
      spec: around.spec,
      bootUrl: around.bootUrl,
      consoleLog: around.folder.consoleLog,
      disc: () => this.#disc,
      faults: () => this.#faults,
      pause: (what) => this.#pause(what),
      wait: this.#wait,
      installed: () => this.#installed,
      install: (digest) => {
        this.#installed = digest;
        this.#write();
      },
      leave: (how) => (how === 'reboot' ? this.forceRestart() : this.forceOff()),
    });
  }

  power(): PowerState {
    return this.#power;
  }

  pid(): undefined {
    return undefined;
  }

  /** What ran on a machine that had power ended with the rack: it boots anew. */
  async adopt(media: string | undefined): Promise<void> {
    this.#disc = media;
    const kept = readJson(this.#around.folder.power, Kept);
    this.#power = kept?.power ?? 'Off';
    this.#installed = kept?.installed ?? null;
    if (this.#power === 'On') this.#boot();
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
      if (this.#power !== 'On') return this.#on();
      await this.#guest.stop();
      this.#boot();
    });
  }

  powerCycle(): Promise<void> {
    return this.#turnstile.pass(async () => {
      await this.#off();
      await this.#on();
    });
  }

  type(keys: Buffer): void {
    if (this.power() === 'On') this.#guest.echo(keys);
  }

  async nmi(): Promise<void> {}

  async setMedia(path: string | undefined): Promise<void> {
    this.#disc = path;
  }

  /** A link that goes down takes the running ramdisk with it: nobody reaches it any more. */
  async setFaults(faults: MachineFaults): Promise<void> {
    this.#faults = faults;
    if (faults.linkDown) await this.#guest.stop();
  }

  detach(): void {
    this.#guest.stop().catch(() => undefined);
  }

  async #on(): Promise<void> {
    if (this.#power === 'On') return;
    this.#change('PoweringOn');
    await this.#pause('powerOnMs');
    this.#boot();
    this.#keep('On');
  }

  async #off(): Promise<void> {
    if (this.#power === 'Off') return;
    this.#change('PoweringOff');
    await this.#guest.stop();
    await this.#pause('powerOffMs');
    this.#keep('Off');
  }

  #boot(): void {
    const plan = this.#board.plan();
    this.#board.bootBegan();
    this.#guest.boot(plan);
  }

  async #pause(what: keyof SimulatedDelays): Promise<void> {
    const ms = drawMs(this.#around.delays[what], this.#around.random ?? Math.random);
    if (ms > 0) await this.#wait(ms);
  }

  #keep(power: 'On' | 'Off'): void {
    this.#change(power);
    this.#write();
  }

  #write(): void {
    const power = this.#power === 'Off' ? 'Off' : 'On';
    writeJson(this.#around.folder.power, { power, installed: this.#installed });
  }

  #change(state: PowerState): void {
    this.#power = state;
    this.#board.powerChanged(state);
  }
}
