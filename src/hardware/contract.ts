// The contract between bare metal and the ways of driving a machine: power, boot, virtual media, inspection.
import type { Capabilities, DriverStep } from './capabilities.ts';

/** What a node's `driver_info` holds, secrets in clear. */
export type DriverInfo = Readonly<Record<string, unknown>>;

export type PowerState = 'power on' | 'power off';
export type PowerAction = 'power on' | 'power off' | 'rebooting' | 'soft power off' | 'soft rebooting';
export type BootMode = 'bios' | 'uefi';

export const bootDevices = ['pxe', 'disk', 'cdrom', 'bios', 'safe', 'wanboot'] as const;
export type BootDevice = (typeof bootDevices)[number];

export interface BootDeviceSetting {
  /** Null where the machine does not tell. */
  readonly device: BootDevice | null;
  readonly persistent: boolean | null;
}

/** What out-of-band inspection learns. Sizes in MiB and GiB as Ironic's properties have them; null where the BMC does not tell. */
export interface HardwareInventory {
  readonly manufacturer: string | null;
  readonly model: string | null;
  readonly serialNumber: string | null;
  readonly biosVersion: string | null;
  readonly bmcVersion: string | null;
  readonly cpuCount: number | null;
  readonly cpuModel: string | null;
  readonly cpuArch: string | null;
  readonly memoryMb: number | null;
  readonly bootMode: BootMode | null;
  /** Lower case with colons. */
  readonly macs: readonly string[];
  readonly disks: readonly { readonly name: string; readonly sizeBytes: number; readonly model: string | null }[];
}

export interface Power {
  /** The state the machine is in now. */
  state(): Promise<PowerState>;
  /**
   * Asks for the action and returns when the machine shows its result, or throws `timeout`. Asking for the state that
   * it is already in does nothing.
   */
  change(action: PowerAction, options: { timeoutMs: number }): Promise<PowerState>;
  /** When the machine was switched on or restarted last, in the BMC's own words; null where it does not tell. */
  lastReset(): Promise<string | null>;
}

export interface Management {
  supportedBootDevices(): Promise<readonly BootDevice[]>;
  bootDevice(): Promise<BootDeviceSetting>;
  /** `mode`: how the machine is to boot, for protocols that name both at once and keep no mode of their own. */
  setBootDevice(device: BootDevice, persistent: boolean, mode?: BootMode): Promise<void>;
  supportedBootModes(): Promise<readonly BootMode[]>;
  /** Null where the machine does not tell. */
  bootMode(): Promise<BootMode | null>;
  setBootMode(mode: BootMode): Promise<void>;
  secureBoot(): Promise<boolean | null>;
  setSecureBoot(on: boolean): Promise<void>;
  injectNmi(): Promise<void>;
}

export interface VirtualMedia {
  /** Inserts the image at `url` as a CD, instead of whatever is in the drive. Inserting what is there already does nothing. */
  insert(url: string): Promise<void>;
  /** Empties the drive; an empty one is left alone. */
  eject(): Promise<void>;
  /** URL of the image in the drive; null when it is empty. */
  inserted(): Promise<string | null>;
}

export interface Inspection {
  inventory(): Promise<HardwareInventory>;
}

/** One machine, reached with one node's driver_info. Making it costs nothing; the first call connects. */
export interface Machine extends Capabilities {
  readonly power: Power;
  readonly management: Management;
  readonly virtualMedia: VirtualMedia;
  readonly inspection: Inspection;
}

/** Implementations of each interface that a node of this hardware type may choose, the default first (Ironic's `*_interface`). */
export interface InterfaceChoices {
  readonly bios: readonly string[];
  readonly boot: readonly string[];
  readonly console: readonly string[];
  readonly deploy: readonly string[];
  readonly firmware: readonly string[];
  readonly inspect: readonly string[];
  readonly management: readonly string[];
  readonly network: readonly string[];
  readonly power: readonly string[];
  readonly raid: readonly string[];
  readonly rescue: readonly string[];
  readonly storage: readonly string[];
  readonly vendor: readonly string[];
}

/** A hardware type such as `redfish`. */
export interface HardwareDriver {
  readonly name: string;
  readonly interfaces: InterfaceChoices;
  /** Steps that `Machine.steps` runs, where the node's interface of that name is not a `no-` one. */
  readonly steps: readonly DriverStep[];
  /** driver_info key -> one sentence; required ones say so. */
  readonly properties: Readonly<Record<string, string>>;
  /** Throws HardwareError `misconfigured` that names the missing or malformed key. Makes no call. */
  validate(info: DriverInfo): void;
  machine(info: DriverInfo): Machine;
  /** Whether driver_info says that the BMC forgets its boot device when the power goes, and is to be told before each start. */
  losesBootDevice?(info: DriverInfo): boolean;
  /**
   * This driver_info of a node counts no more, `after` does instead; undefined: the node is gone. What was kept for it goes,
   * sessions with it; another node with the same driver_info gets its own anew.
   */
  forget?(before: DriverInfo, after: DriverInfo | undefined): void;
  /** Ends sessions and connections. */
  close(): Promise<void>;
}

/** How work on a machine can go wrong; what to do next follows from it. */
export type HardwareErrorKind =
  /** driver_info lacks or garbles something. */
  | 'misconfigured'
  /** Nothing answers at the address; worth trying later. */
  | 'unreachable'
  /** It answered and does not accept the user or password; trying again would lock the account. */
  | 'credentials'
  /** It answered and says no. */
  | 'refused'
  /** It answered, yet what was asked did not come about in time. */
  | 'timeout'
  /** This machine or driver cannot do that. */
  | 'unsupported';

const hints: Readonly<Record<HardwareErrorKind, string>> = {
  misconfigured: 'Correct driver_info of the node.',
  unreachable: 'Check that the BMC has power and network and that its address in driver_info is right.',
  credentials: 'Correct the user name and password in driver_info.',
  refused: "Read the BMC's own log; it may be busy or need other privileges.",
  timeout: 'Look at the machine: it may hang in its firmware.',
  unsupported: 'Choose another interface for the node.',
};

export class HardwareError extends Error {
  override name = 'HardwareError';
  readonly hint: string;
  constructor(
    readonly kind: HardwareErrorKind,
    message: string,
    options: { cause?: unknown; hint?: string } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.hint = options.hint ?? hints[kind];
  }
}
