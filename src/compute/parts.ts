// What compute is wired from: the other services, as far as it uses them.
import type { Database, Transaction } from '../database/index.ts';
import type { Caller } from '../openstack/index.ts';
import type { Json, Operations } from '../operations/index.ts';
import type { Placement } from '../placement/index.ts';
import type { PortAddress } from './tables.ts';

/** A machine as bare metal knows it. */
export interface Machine {
  readonly uuid: string;
  readonly name: string | null;
  readonly resourceClass: string | null;
  readonly cpus: number;
  readonly memoryMb: number;
  readonly localGb: number;
  readonly cpuArchitecture: string | null;
  readonly traits: readonly string[];
  readonly provisionState: string;
  readonly powerState: string | null;
  readonly maintenance: boolean;
  readonly instanceUuid: string | null;
}

/** A machine with its NICs that may carry networks, those that boot first. */
export interface MachineWithNics extends Machine {
  readonly macAddresses: readonly string[];
}

export interface ConfigDrive {
  readonly metaData: { readonly [name: string]: Json };
  readonly networkData: { readonly [name: string]: Json };
  readonly vendorData: { readonly [name: string]: Json };
  readonly userData?: string;
}

/** On whose behalf an operation on a machine runs. */
export interface OnBehalf {
  readonly parentId: string;
  readonly requestedBy: string;
}

/** An operation that was started. Call `afterCommit` when the transaction has committed. */
export interface Begun {
  readonly operationId: string;
  readonly afterCommit: () => Promise<void>;
}

export interface DeployOrder {
  readonly serverId: string;
  readonly serverName: string;
  readonly projectId: string;
  readonly imageId: string;
  /** Size of the root disk the flavor asks for, GiB; 0: the whole disk. */
  readonly rootGb: number;
  /** The partitions that the flavor asks for beside it; 0 for none. */
  readonly swapMb: number;
  readonly ephemeralGb: number;
  /** For a rebuild: what is on that partition stays. */
  readonly keepEphemeral?: boolean;
  readonly traits: readonly string[];
  readonly capabilities: Readonly<Record<string, string>>;
  readonly configDrive: ConfigDrive | undefined;
}

export type PowerTarget = 'on' | 'off' | 'soft off' | 'reboot' | 'soft reboot';

/** Bare metal, as far as compute uses it. Each verb starts an operation in `tx`, or answers the one that is at it already. */
export interface MachineSource {
  list(): Promise<readonly Machine[]>;
  get(uuid: string): Promise<MachineWithNics | undefined>;
  deploy(tx: Transaction, uuid: string, order: DeployOrder, behalf: OnBehalf): Promise<string>;
  /** Writes another image on a machine in use. */
  rebuild(tx: Transaction, uuid: string, order: DeployOrder, behalf: OnBehalf): Promise<string>;
  /** Takes the instance off; undefined when the machine does not hold it (any more). */
  undeploy(tx: Transaction, uuid: string, serverId: string, behalf: OnBehalf): Promise<Begun | undefined>;
  setPower(tx: Transaction, uuid: string, target: PowerTarget, behalf: OnBehalf): Promise<string>;
  /** Starts a ramdisk to log in to as root with this password. */
  rescue(tx: Transaction, uuid: string, password: string, behalf: OnBehalf): Promise<string>;
  /** Starts the machine's own system again. */
  unrescue(tx: Transaction, uuid: string, behalf: OnBehalf): Promise<string>;
}

export interface NetworkFacts {
  readonly id: string;
  readonly name: string;
}

export interface PortFacts {
  readonly id: string;
  readonly networkId: string;
  readonly networkName: string;
  readonly mtu: number;
  readonly macAddress: string;
  readonly status: string;
  readonly deviceId: string;
  readonly projectId: string;
  readonly addresses: readonly PortAddress[];
}

/** The network service, as far as compute uses it. */
export interface NetworkSource {
  /** Networks that a server of this caller may be put on. */
  networks(caller: Caller): Promise<readonly NetworkFacts[]>;
  /** By id or name. */
  network(idOrName: string, caller: Caller): Promise<NetworkFacts | undefined>;
  /** By id or name. */
  subnet(idOrName: string): Promise<{ readonly id: string; readonly networkId: string } | undefined>;
  port(id: string): Promise<PortFacts | undefined>;
  createPort(tx: Transaction, port: NewPort): Promise<PortFacts>;
  /** Ties an existing port to a server's NIC. */
  bindPort(tx: Transaction, id: string, binding: PortBinding): Promise<PortFacts>;
  /** Unties it; the port stays. */
  unbindPort(tx: Transaction, id: string): Promise<void>;
  /** Does nothing when it is gone. */
  deletePort(tx: Transaction, id: string): Promise<void>;
}

export interface PortBinding {
  readonly deviceId: string;
  readonly deviceOwner: string;
  readonly hostId: string;
  readonly macAddress: string;
  readonly dnsName: string;
}

export interface NewPort extends PortBinding {
  readonly networkId: string;
  readonly projectId: string;
  readonly subnetId?: string;
  readonly fixedIp?: string;
}

/** The image service, as far as compute uses it. */
export interface ImageFacts {
  readonly id: string;
  readonly name: string | null;
  readonly status: string;
  readonly minDiskGb: number;
  readonly minRamMb: number;
  readonly sizeBytes: number | null;
  readonly virtualSizeBytes: number | null;
  readonly properties: Readonly<Record<string, string>>;
}
export interface ImageSource {
  find(idOrName: string, caller: Caller): Promise<ImageFacts | undefined>;
  get(id: string): Promise<ImageFacts | undefined>;
}

/** Placement, as far as compute uses it. */
export type PlacementSource = Pick<Placement, 'candidates' | 'claim' | 'release'>;

export interface ComputeParts {
  readonly database: Database;
  readonly operations: Operations;
  readonly placement: PlacementSource;
  readonly machines: MachineSource;
  readonly networks: NetworkSource;
  readonly images: ImageSource;
  /** This process, where Nova gives the name of a compute service's host. */
  readonly host: string;
  readonly log?: { warn(message: string, detail?: unknown): void };
}
