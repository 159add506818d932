// What a machine may offer beyond power and boot: steps, sensors, indicators, BIOS settings, RAID, firmware, events, console.
import type { TObject } from '@sinclair/typebox';

export type StepKind = 'clean' | 'deploy' | 'service';

/** A step that the driver carries out through the BMC. */
export interface DriverStep {
  readonly interface: 'bios' | 'firmware' | 'management' | 'raid' | 'vendor';
  readonly step: string;
  readonly kinds: readonly StepKind[];
  /** Place in automatic cleaning and deploying; 0: runs only where somebody asks for it. */
  readonly priority: number;
  readonly abortable: boolean;
  readonly requiresRamdisk: boolean;
  /**
   * What follows when a call was cut off, so that nobody knows whether the BMC has heard it. `repeat`: it is made again as it
   * was, for twice is the same as once. `look`: it says `again`, and the driver finds out from the BMC, or refuses where the
   * BMC does not tell.
   */
  readonly whenCutOff: 'repeat' | 'look';
  /** Its arguments; each property has a description. */
  readonly args: TObject;
}

export type StepMemory = Readonly<Record<string, string | number | boolean | null | readonly string[]>>;

export interface StepRequest {
  readonly interface: string;
  readonly step: string;
  readonly args: Readonly<Record<string, unknown>>;
  /** The node's `target_raid_config`, for `raid.create_configuration`. */
  readonly targetRaidConfig?: Readonly<Record<string, unknown>>;
  /** What the call before answered; absent in the first. */
  readonly memory?: StepMemory;
  /** This call was made before with the same memory, and was cut off. */
  readonly again?: boolean;
}

/**
 * How far a step has come. While it is `waiting` the caller keeps `memory` (plain JSON), lets `afterMs` pass, restarts the
 * machine first where `reboot` says so (steps that need one may share it), and calls again with that memory.
 */
export type StepOutcome =
  | { readonly state: 'done' }
  | {
      readonly state: 'waiting';
      readonly reason: string;
      readonly memory: StepMemory;
      readonly afterMs: number;
      readonly reboot: boolean;
    };

export interface Steps {
  /** Throws `unsupported` for a step that the driver does not offer, `misconfigured` for wrong arguments, `refused` when it failed. */
  run(request: StepRequest): Promise<StepOutcome>;
}

export interface Sensor {
  /** As IPMI groups them: Temperature, Voltage, Current, Fan, Power, Drive. */
  readonly kind: string;
  /** Unique among the machine's sensors of its kind. */
  readonly name: string;
  /** Null where it reads nothing now, as most do while the machine is off. */
  readonly value: number | null;
  /** Cel, RPM, V, A, W, or null for a plain state. */
  readonly unit: string | null;
  readonly health: 'ok' | 'warning' | 'critical' | null;
}

export const indicatorStates = ['ON', 'OFF', 'BLINKING', 'UNKNOWN'] as const;
export type IndicatorState = (typeof indicatorStates)[number];

export interface Indicator {
  /** `system`, `chassis` or `disk`. */
  readonly component: string;
  readonly id: string;
  readonly states: readonly IndicatorState[];
}

export interface Indicators {
  list(): Promise<readonly Indicator[]>;
  state(component: string, id: string): Promise<IndicatorState>;
  set(component: string, id: string, state: IndicatorState): Promise<void>;
}

/** One setting with what the BMC's attribute registry knows of it (Ironic's fields of a BIOS setting). */
export interface BiosSetting {
  readonly name: string;
  readonly value: string | null;
  readonly attribute_type: 'Enumeration' | 'String' | 'Integer' | 'Boolean' | 'Password' | null;
  readonly allowable_values: readonly string[] | null;
  readonly lower_bound: number | null;
  readonly upper_bound: number | null;
  readonly min_length: number | null;
  readonly max_length: number | null;
  readonly read_only: boolean | null;
  readonly reset_required: boolean | null;
  readonly unique: boolean | null;
}

export interface Bios {
  settings(): Promise<readonly BiosSetting[]>;
}

/** A volume in Ironic's words for `raid_config.logical_disks`. */
export interface LogicalDisk {
  readonly size_gb: number;
  readonly raid_level: string;
  readonly controller: string;
  readonly physical_disks: readonly string[];
  readonly volume_name: string;
  readonly id: string;
}

export interface Raid {
  logicalDisks(): Promise<readonly LogicalDisk[]>;
}

export interface FirmwareComponent {
  /** `bios`, `bmc`, or the BMC's own name of another part. */
  readonly component: string;
  readonly version: string;
}

export interface Firmware {
  components(): Promise<readonly FirmwareComponent[]>;
}

export interface EventSubscription {
  readonly id: string;
  readonly destination: string;
  readonly context: string;
  readonly protocol: string;
}

export interface Events {
  list(): Promise<readonly EventSubscription[]>;
  subscribe(wanted: { destination: string; context?: string }): Promise<EventSubscription>;
  /** One that is gone already is no error. */
  unsubscribe(id: string): Promise<void>;
}

/** Programs with their arguments; a password is in `environment`, never among them. */
export interface ConsoleCommand {
  /** Shows the console on a terminal until it is ended. */
  readonly show: readonly string[];
  /** Frees the console on the BMC, whoever had it. */
  readonly release: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

export interface Console {
  /** Throws `misconfigured`, and `unsupported` where the BMC offers none. */
  command(): Promise<ConsoleCommand>;
}

/** The management controller itself. */
export interface Controller {
  /** Restarts it; the machine runs on. It answers nothing for a while then. */
  reset(warm: boolean): Promise<void>;
  /** Sends a request of its protocol, byte by byte (`0x06`); what it answered. */
  raw(bytes: readonly string[]): Promise<string>;
  /** What its clock shows, to the second. */
  clock(): Promise<Date>;
  /** Sets its clock unless that is right, to the second. Throws `refused` where the clock goes its own way. */
  setClock(at: Date): Promise<void>;
}

/** Everything of this file: a machine has all of it, and what it lacks throws `unsupported`. */
export interface Capabilities {
  readonly steps: Steps;
  /** What the BMC measures now. */
  sensors(): Promise<readonly Sensor[]>;
  readonly indicators: Indicators;
  readonly bios: Bios;
  readonly raid: Raid;
  readonly firmware: Firmware;
  readonly events: Events;
  readonly console: Console;
  readonly controller: Controller;
}
