// What the parts of bare metal are wired from.
import type { Readable } from 'node:stream';
import type { Database, Sealer } from '../database/index.ts';
import type { HardwareDriver } from '../hardware/index.ts';
import type { Image } from '../image/index.ts';
import type { Operations } from '../operations/index.ts';
import type { Placement } from '../placement/index.ts';
import type { ConsoleConfig, Consoles } from './console/consoles.ts';
import { type InspectionConfig, usualInspection } from './inspection-hook/hooks.ts';
import type { Rule } from './inspection-rule/apply.ts';
import type { SensorReadings } from './sensors.ts';

/** What bare metal needs to know of an image. */
export type ImageFacts = Pick<
  Image,
  | 'id'
  | 'name'
  | 'status'
  | 'diskFormat'
  | 'containerFormat'
  | 'sizeBytes'
  | 'minDiskGb'
  | 'checksum'
  | 'osHashAlgo'
  | 'osHashValue'
  | 'properties'
>;

/** The image service, as far as bare metal uses it. */
export interface ImageSource {
  /** By id or name; undefined when there is none. */
  find(idOrName: string): Promise<ImageFacts | undefined>;
  openData(id: string): Promise<Readable>;
}

/** Makes a bootable ISO for virtual media. */
export type BuildBootIso = (options: {
  kernel: string;
  initrd: string;
  cmdline: string;
  output: string;
}) => Promise<void>;

export interface BootOptions {
  /** Where machines reach the machines' listener, such as `http://192.168.24.1:8088`; undefined: no provisioning network. */
  readonly machinesUrl: string | undefined;
  /** Where agents call over TLS, and the certificate (PEM) of who vouches for it; undefined: they call `machinesUrl`. */
  readonly agents?: { readonly url: string; readonly authority: string } | undefined;
  /** Images in the image service, by id or name, unless a node names its own. */
  readonly deployKernel: string;
  readonly deployRamdisk: string;
  /** Folder for kernels, initramfs and ISOs copied out of the image service. */
  readonly cacheFolder: string;
  readonly buildBootIso?: BuildBootIso;
  /** Added to the kernel command line of the ramdisk. */
  readonly kernelArguments: string;
}

/** Waiting times are milliseconds. */
export interface BaremetalConfig {
  /** Clean between two uses unless the node says otherwise. */
  readonly automatedClean: boolean;
  /** Set the clock of a BMC that takes steps for it when its node is verified. */
  readonly verifyBmcClock: boolean;
  readonly powerTimeoutMs: number;
  /** How long an instance may take to end before service begins. */
  readonly shutdownTimeoutMs: number;
  /** From power-on to the ramdisk's first heartbeat. */
  readonly ramdiskTimeoutMs: number;
  /** One image write, or one clean step. */
  readonly agentCommandTimeoutMs: number;
  /** A machine that is silent this long in mid-command has crashed or was switched off. */
  readonly agentSilenceMs: number;
  readonly holdTimeoutMs: number;
  /** Answer lookups of nodes that expect a ramdisk only. */
  readonly restrictLookup: boolean;
  /** Leave the ramdisk running after inspection and cleaning for the next work, unless the node says otherwise. */
  readonly fastTrack: boolean;
  /** One that has not called for so long is not taken for running. */
  readonly fastTrackTimeoutMs: number;
  /** What the ramdisk is told: it calls again well within this time. */
  readonly heartbeatTimeoutMs: number;
  /** A command that has just begun is looked at this often, one that runs for long more seldom. */
  readonly agentPollMs: number;
  /** Every idle machine is looked at once in this time. */
  readonly powerSyncMs: number;
  /** Its sensors are read this often; 0: never. */
  readonly sensorSyncMs: number;
  /** What follows when a machine in use is found off, unless its node says otherwise. */
  readonly powerPolicy: 'report' | 'restore' | 'accept';
  /** Rules of access: Ironic's newer ones, by scope alone, or with the older ones beside them (role admin may do everything). */
  readonly strictScopes: boolean;
  readonly discovery: DiscoveryConfig;
  readonly console: ConsoleConfig;
  /** What inspection derives, and how. */
  readonly inspection: InspectionConfig;
  /** Inspection rules besides those of the API. */
  readonly builtInRules: readonly Rule[];
}

/** What becomes of machines that boot from the provisioning network and are no nodes. */
export interface DiscoveryConfig {
  /** Off: they are sent back to their disks; list: they wait for approval; enroll: the profile makes nodes of them. */
  readonly mode: 'off' | 'list' | 'enroll';
  /** The first that fits a machine says what node it becomes. */
  readonly profiles: readonly DiscoveryProfile[];
}

/** Credentials that machines share, and which machines those are. */
export interface DiscoveryProfile {
  readonly name: string;
  /** Network of the BMCs, such as `10.1.0.0/16`; absent: any, and machines that do not tell. */
  readonly bmcSubnet?: string | undefined;
  /** A part of the name of the manufacturer, in any case; absent: any. */
  readonly vendor?: string | undefined;
  readonly driver: string;
  /** `{bmc_address}` in a value stands for what the machine says of its BMC. */
  readonly driverInfo: Readonly<Record<string, string>>;
  readonly resourceClass?: string | undefined;
}

export const defaultConfig: BaremetalConfig = {
  automatedClean: true,
  verifyBmcClock: false,
  powerTimeoutMs: 60_000,
  shutdownTimeoutMs: 60_000,
  ramdiskTimeoutMs: 30 * 60_000,
  agentCommandTimeoutMs: 60 * 60_000,
  agentSilenceMs: 90_000,
  holdTimeoutMs: 7 * 24 * 3_600_000,
  restrictLookup: true,
  fastTrack: false,
  fastTrackTimeoutMs: 300_000,
  heartbeatTimeoutMs: 300_000,
  agentPollMs: 1_000,
  powerSyncMs: 60_000,
  sensorSyncMs: 600_000,
  powerPolicy: 'report',
  strictScopes: false,
  discovery: { mode: 'off', profiles: [] },
  console: { address: '127.0.0.1', firstPort: 10_000, lastPort: 10_999, idleMs: 600_000 },
  inspection: usualInspection,
  builtInRules: [],
};

export type ProviderSync = Pick<
  Placement,
  'ensureProvider' | 'setInventory' | 'setTraits' | 'unknownTraits' | 'removeProvider'
>;

export interface Parts {
  readonly database: Database;
  readonly operations: Operations;
  readonly placement: ProviderSync;
  readonly images: ImageSource;
  readonly hardware: ReadonlyMap<string, HardwareDriver>;
  readonly boot: BootOptions;
  readonly config: BaremetalConfig;
  readonly sensors: SensorReadings;
  readonly sealer: Sealer;
  /** For what goes wrong behind the answers. */
  readonly log: { warn(message: string, detail?: unknown): void };
  readonly consoles: Consoles;
  /** Brings DHCP up to date before a machine is switched on. */
  readonly refreshLeases: () => Promise<void>;
  /** This process, in the field that Ironic fills with the conductor's name. */
  readonly host: string;
}
