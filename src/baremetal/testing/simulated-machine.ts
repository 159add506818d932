// A machine for tests whose power switch starts the real deploy agent, on memory instead of a disk.
import { type DeployAgent, type MachineStep, startDeployAgent, systemClock } from '../../agent/deploy/index.ts';
import { createFakeHardware, type HardwareDriver, HardwareError, type PowerState } from '../../hardware/index.ts';
import { memoryMachine, type Written } from './memory-machine.ts';

export interface SimulatedMachine {
  readonly driver: HardwareDriver;
  /** What was done to the machine from outside, in order. */
  readonly effects: string[];
  /** Bytes that the agent wrote, with the config drive it was given. */
  readonly written: Written[];
  /** How the machine left its ramdisk. */
  readonly left: string[];
  /** What the ramdisk's hardware manager offers beside erasing; to be filled by the test. */
  readonly steps: MachineStep[];
  /** The BMC stops answering, or answers again. */
  dead: boolean;
  /** Agents do not start: the machine hangs in its firmware. */
  stuck: boolean;
  /** Its system does not end when it is asked to. */
  deaf: boolean;
  readonly mac: string;
  stop(): Promise<void>;
}

export interface SimulatedMachineOptions {
  readonly apiUrl: () => string;
  /** What the kernel command line says of the server's authority. */
  readonly authority?: () => Promise<string | undefined>;
  readonly mac: string;
}

export function simulatedMachine(options: SimulatedMachineOptions): SimulatedMachine {
  const base = createFakeHardware();
  let power: PowerState = 'power off';
  let agent: Promise<DeployAgent> | undefined;
  const effects: string[] = [];
  const written: Written[] = [];
  const left: string[] = [];
  const steps: MachineStep[] = [];

  const inside = memoryMachine({ mac: options.mac, effects, written, left, steps, end: () => stopAgent() });

  async function stopAgent(): Promise<void> {
    const running = agent;
    agent = undefined;
    await (await running)?.stop();
  }

  async function turn(on: boolean): Promise<void> {
    effects.push(on ? 'on' : 'off');
    power = on ? 'power on' : 'power off';
    await stopAgent();
    if (!on || machine.stuck) return;
    agent = startDeployAgent({
      apiUrl: options.apiUrl(),
      authority: await options.authority?.(),
      machine: inside,
      clock: { ...systemClock, sleep: (ms, signal) => systemClock.sleep(Math.min(ms, 50), signal) },
      listen: { host: '127.0.0.1', port: 0 },
      log: () => undefined,
    });
  }

  function refuseDead(): void {
    if (machine.dead)
      throw new HardwareError('unreachable', 'The BMC at 10.0.0.9 cannot be reached: no route to host.');
  }

  const machine: SimulatedMachine = {
    effects,
    written,
    left,
    steps,
    dead: false,
    stuck: false,
    deaf: false,
    mac: options.mac,
    stop: stopAgent,
    driver: {
      ...base,
      name: 'redfish',
      interfaces: {
        ...base.interfaces,
        deploy: ['direct'],
        boot: ['ipxe', 'redfish-virtual-media'],
        inspect: ['agent', 'redfish'],
        rescue: ['no-rescue', 'agent'],
      },
      machine: (info) => ({
        ...base.machine(info),
        power: {
          async state() {
            refuseDead();
            return power;
          },
          lastReset: async () => null,
          async change(action) {
            refuseDead();
            if (machine.deaf && action === 'soft power off') {
              effects.push('asked to end');
              throw new HardwareError('timeout', 'The machine is not off 10 s after it was asked.');
            }
            const wanted: PowerState = action.endsWith('off') ? 'power off' : 'power on';
            if (wanted !== power) await turn(wanted === 'power on');
            return power;
          },
        },
        management: {
          ...base.machine(info).management,
          async setBootDevice(device, persistent, mode) {
            refuseDead();
            effects.push(`boot ${device}${persistent ? '' : ' once'}${mode === 'uefi' ? ' by uefi' : ''}`);
          },
        },
        virtualMedia: {
          async insert(url) {
            effects.push(`insert ${new URL(url).pathname.replace(/[0-9a-f-]{36}/, 'NODE')}`);
          },
          async eject() {
            effects.push('eject');
          },
          inserted: async () => null,
        },
      }),
    },
  };
  return machine;
}
