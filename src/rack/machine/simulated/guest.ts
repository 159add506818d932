// What runs on a simulated machine that has power: firmware that tries its boot devices, then the real deploy agent.
import { appendFileSync } from 'node:fs';
import {
  agentOptionsOf,
  type DeployAgent,
  parseCommandLine,
  startDeployAgent,
  systemClock,
} from '../../../agent/deploy/index.ts';
import type { MachineSpec } from '../../spec.ts';
import type { BootPlan, MachineFaults } from '../contract.ts';
import { commandLineOfDisc } from './boot-disc.ts';
import { insideOf } from './inside.ts';

export interface GuestSurroundings {
  readonly spec: MachineSpec;
  /** Where a machine on the provisioning network finds its boot script; undefined: nothing answers there. */
  readonly bootUrl: string | undefined;
  readonly consoleLog: string;
  /** The image in the virtual CD drive. */
  disc(): string | undefined;
  faults(): MachineFaults;
  /** Lets the time pass that the named work takes. */
  pause(what: 'bootMs' | 'inspectMs' | 'eraseMs' | 'writeMs'): Promise<void>;
  wait(ms: number): Promise<unknown>;
  installed(): string | null;
  install(digest: string | null): void;
  leave(how: 'reboot' | 'power off'): Promise<void>;
}

const longestRetryMs = 30_000;

export class SimulatedGuest {
  readonly #around: GuestSurroundings;
  #ended = new AbortController();
  #agent: DeployAgent | undefined;

  constructor(around: GuestSurroundings) {
    this.#around = around;
  }

  /** Starts to boot by the plan; returns at once. */
  boot(plan: BootPlan): void {
    this.#ended = new AbortController();
    const { signal } = this.#ended;
    this.#tryDevices(plan, signal).catch((error: unknown) => this.#say(String(error)));
  }

  /** Ends whatever runs, as a loss of power does. */
  async stop(): Promise<void> {
    this.#ended.abort();
    const agent = this.#agent;
    this.#agent = undefined;
    await agent?.stop();
  }

  /** Firmware that finds nothing to boot tries again, ever more seldom. */
  async #tryDevices(plan: BootPlan, signal: AbortSignal): Promise<void> {
    const around = this.#around;
    await around.pause('bootMs');
    for (let waitMs = 1_000; !signal.aborted; waitMs = Math.min(waitMs * 2, longestRetryMs)) {
      if (around.faults().stuckPost) return this.#say('stuck before any device is tried');
      for (const device of plan.order) {
        if (signal.aborted) return;
        if (device === 'disk' && around.installed() !== null && !around.faults().diskFailing)
          return this.#say('the system on the disk runs');
        if (device === 'network' && (await this.#bootFromNetwork(plan, signal))) return;
        if (device === 'cd' && (await this.#bootFromDisc(plan, signal))) return;
      }
      this.#say('no device boots');
      // Nothing that could boot comes by itself.
      if (around.bootUrl === undefined && around.disc() === undefined) return;
      await around.wait(waitMs);
    }
  }

  /** Whether a ramdisk has started. */
  async #bootFromNetwork(plan: BootPlan, signal: AbortSignal): Promise<boolean> {
    const { spec, bootUrl, faults } = this.#around;
    if (bootUrl === undefined || faults().linkDown) return false;
    for (const { mac } of spec.nics) {
      const line = await commandLineFor(`${bootUrl}/boot/ipxe/${mac}`, signal).catch((error: unknown) => {
        this.#say(`network boot: ${error instanceof Error ? error.message : String(error)}`);
        return undefined;
      });
      if (line === undefined) continue;
      return this.#startRamdisk(line, plan, signal);
    }
    return false;
  }

  async #bootFromDisc(plan: BootPlan, signal: AbortSignal): Promise<boolean> {
    const disc = this.#around.disc();
    const line = disc === undefined ? undefined : await commandLineOfDisc(disc);
    return line !== undefined && this.#startRamdisk(line, plan, signal);
  }

  /** Whether the kernel was told of a server. */
  async #startRamdisk(line: string, plan: BootPlan, signal: AbortSignal): Promise<boolean> {
    const around = this.#around;
    const options = agentOptionsOf(parseCommandLine(line));
    if (options === undefined) {
      this.#say('the ramdisk was told of no ipa-api-url');
      return false;
    }
    if (options.inspectionUrl !== undefined) await around.pause('inspectMs');
    if (signal.aborted) return false;
    const skewMs = around.faults().clockSkewS * 1000;
    const agent = await startDeployAgent({
      ...options,
      machine: insideOf({
        spec: around.spec,
        firmware: plan.firmware,
        faults: around.faults,
        pause: around.pause,
        installed: around.installed,
        install: around.install,
        die: () => this.stop(),
        leave: async (how) => {
          await this.stop();
          if (how === 'kexec') this.#say('the system on the disk runs, started by kexec');
          else await around.leave(how);
        },
      }),
      clock: { ...systemClock, now: () => Date.now() + skewMs },
      listen: { host: '127.0.0.1', port: 0 },
      log: (text) => this.#say(text),
    });
    // The power may have gone while the agent started.
    if (signal.aborted) await agent.stop();
    else this.#agent = agent;
    return true;
  }

  /** What is typed appears, as on a terminal; nothing comes of it. */
  echo(keys: Buffer): void {
    appendFileSync(this.#around.consoleLog, keys);
  }

  #say(text: string): void {
    appendFileSync(this.#around.consoleLog, `${new Date().toISOString()} ${text}\n`);
  }
}

/** The kernel's command line in a boot script; undefined when the script leaves network boot. Throws when there is none. */
async function commandLineFor(url: string, signal: AbortSignal): Promise<string | undefined> {
  const answer = await fetch(url, { signal });
  const script = await answer.text();
  if (!answer.ok) throw new Error(`${url}: HTTP ${answer.status}`);
  return /^kernel \S+ (.*?)(?: \|\| .*)?$/m.exec(script)?.[1];
}
