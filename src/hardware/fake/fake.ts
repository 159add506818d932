// The `fake-hardware` type: a machine without a machine, for trying the API and for measuring everything around hardware.
import {
  type BootDeviceSetting,
  type BootMode,
  bootDevices,
  type HardwareDriver,
  type PowerState,
} from '../contract.ts';
import { capabilitiesOf, newEquipment } from './equipment.ts';
import { type Equipment, fakeSteps } from './steps.ts';

/** Seconds each kind of call takes: one number, or a range from which the time is drawn (as Ironic's `[fake]` delays). */
export interface FakeDelays {
  readonly power?: Delay;
  readonly management?: Delay;
  readonly boot?: Delay;
  readonly deploy?: Delay;
  readonly inspect?: Delay;
}
type Delay = number | readonly [from: number, to: number];

export interface FakeHardwareOptions {
  readonly delays?: FakeDelays;
  readonly random?: () => number;
  readonly wait?: (ms: number) => Promise<void>;
}

interface FakeState {
  power: PowerState;
  boot: BootDeviceSetting;
  mode: BootMode;
  secureBoot: boolean;
  media: string | null;
  readonly equipment: Equipment;
}

export interface FakeHardware extends HardwareDriver {
  /** Waits as long as the named kind of call takes. */
  pause(kind: keyof FakeDelays): Promise<void>;
}

/**
 * Machines are told apart by `driver_info.fake_id`. One not seen before begins in the state `driver_info.fake_power`
 * (default off), so that a new process goes on with the state its caller remembers.
 */
export function createFakeHardware(options: FakeHardwareOptions = {}): FakeHardware {
  const { delays = {}, random = Math.random, wait = (ms) => new Promise((wake) => setTimeout(wake, ms)) } = options;
  const machines = new Map<string, FakeState>();

  async function pause(kind: keyof FakeDelays): Promise<void> {
    const delay = delays[kind] ?? 0;
    const seconds = typeof delay === 'number' ? delay : delay[0] + random() * (delay[1] - delay[0]);
    if (seconds > 0) await wait(seconds * 1000);
  }

  function stateOf(id: unknown, power: unknown): FakeState {
    const known = typeof id === 'string' ? machines.get(id) : undefined;
    if (known) return known;
    const fresh: FakeState = {
      power: power === 'power on' ? 'power on' : 'power off',
      boot: { device: 'pxe', persistent: false },
      mode: 'uefi',
      secureBoot: false,
      media: null,
      equipment: newEquipment(),
    };
    if (typeof id === 'string') machines.set(id, fresh);
    return fresh;
  }

  return {
    name: 'fake-hardware',
    interfaces: {
      bios: ['fake', 'no-bios'],
      boot: ['fake', 'ipxe', 'pxe'],
      console: ['fake', 'no-console'],
      deploy: ['fake', 'direct'],
      firmware: ['fake', 'no-firmware'],
      inspect: ['fake', 'no-inspect', 'agent'],
      management: ['fake', 'noop'],
      network: ['noop', 'flat'],
      power: ['fake'],
      raid: ['fake', 'no-raid', 'agent'],
      rescue: ['fake', 'no-rescue'],
      storage: ['noop', 'fake'],
      vendor: ['fake', 'no-vendor'],
    },
    steps: fakeSteps,
    properties: {
      fake_id: 'Tells one fake machine from another. Optional: the node gets its UUID by itself.',
      fake_power: 'Power state a new fake machine begins in. Optional.',
    },
    validate: () => undefined,
    pause,
    machine(info) {
      const state = stateOf(info.fake_id, info.fake_power);
      return {
        ...capabilitiesOf(state.equipment, { on: () => state.power === 'power on', pause: () => pause('management') }),
        power: {
          async state() {
            await pause('power');
            return state.power;
          },
          lastReset: async () => null,
          async change(action) {
            await pause('power');
            state.power = action === 'power off' || action === 'soft power off' ? 'power off' : 'power on';
            return state.power;
          },
        },
        management: {
          supportedBootDevices: async () =>
            bootDevices.filter((device) => device === 'pxe' || device === 'disk' || device === 'cdrom'),
          bootDevice: async () => state.boot,
          async setBootDevice(device, persistent) {
            await pause('management');
            state.boot = { device, persistent };
          },
          supportedBootModes: async () => ['bios', 'uefi'],
          bootMode: async () => state.mode,
          async setBootMode(mode) {
            state.mode = mode;
          },
          secureBoot: async () => state.secureBoot,
          async setSecureBoot(on) {
            state.secureBoot = on;
          },
          injectNmi: () => pause('management'),
        },
        virtualMedia: {
          async insert(url) {
            state.media = url;
          },
          async eject() {
            state.media = null;
          },
          inserted: async () => state.media,
        },
        // What the operator has said of the machine stands: there is nothing here to know it better.
        inspection: {
          async inventory() {
            await pause('inspect');
            return {
              manufacturer: 'Undercloud',
              model: 'fake',
              serialNumber: null,
              biosVersion: state.equipment.firmware.get('bios') ?? null,
              bmcVersion: state.equipment.firmware.get('bmc') ?? null,
              cpuCount: null,
              cpuModel: null,
              cpuArch: 'x86_64',
              memoryMb: null,
              bootMode: state.mode,
              macs: [],
              disks: [],
            };
          },
        },
      };
    },
    forget({ fake_id: id }, after) {
      if (typeof id === 'string' && id !== after?.fake_id) machines.delete(id);
    },
    close: async () => machines.clear(),
  };
}
