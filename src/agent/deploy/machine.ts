// What the deploy agent asks of the machine that it runs on; real hardware and simulated machines both implement it.
import type { Json } from '../parse.ts';
import type { Disk, ImageInfo, Inventory, NetworkInterface, PciDevice, PreparedImage, Progress } from '../protocol.ts';

export interface WriteRequest {
  readonly image: ImageInfo;
  /** File system bytes, absent for no config drive. */
  readonly configDrive: Uint8Array | undefined;
  readonly rootDeviceHints: Json | undefined;
}

export type Report = (progress: Progress) => void;

/** What the server says of disks that can erase themselves (Ironic's agent_enable_*_secure_erase, agent_continue_if_secure_erase_failed). */
export interface EraseSettings {
  readonly ata: boolean;
  readonly nvme: boolean;
  /** Overwrite a disk that offers to erase itself and fails at it. */
  readonly goOn: boolean;
}

export interface RescueLogin {
  /** In clear, or as crypt(5) writes it. */
  readonly password: string;
  readonly hashed: boolean;
}

/** A step that this machine can take beside erasing. */
export interface MachineStep {
  readonly step: string;
  readonly interface: 'deploy' | 'raid';
  /** Priority among clean, deploy and service steps; absent where it is not offered. */
  readonly priority: { readonly clean?: number; readonly deploy?: number; readonly service?: number };
  readonly abortable: boolean;
  /** What to tell the server as the step's result. `node` is the server's node, `ports` its ports, `args` the arguments of the step. */
  readonly run: (args: Json, node: Json, report: Report, ports: readonly Json[]) => Promise<Json | null>;
}

export interface Machine {
  inventory(): Promise<Inventory>;
  /** For inspections only: what takes longer to find out than the inventory. */
  pciDevices?(): Promise<readonly PciDevice[]>;
  /** What the switch of each card, by its name, says of itself; half a minute, so only where it is wanted. */
  lldp?(): Promise<ReadonlyMap<string, NonNullable<NetworkInterface['lldp']>>>;
  /** The disk that the hints choose, or the default choice without hints. Throws AgentError `noDisk`. */
  rootDisk(hints: Json | undefined): Promise<Disk>;
  /** Leaves the disk with exactly this image and config drive, or with nothing that boots. Sent twice, it writes once. */
  writeImage(request: WriteRequest, report: Report): Promise<PreparedImage>;
  /** UUIDs of the file systems on the root disk, by Ironic's names. */
  partitionUuids(): Promise<Readonly<Record<string, string>>>;
  /** Makes the disk with the image written before start it; what was done, for the log. Throws AgentError `bootLoader`. */
  installBootLoader(): Promise<string>;
  /** Overwrites partition tables and file system signatures of every disk. */
  eraseMetadata(report: Report): Promise<void>;
  /** Erases, overwrites or discards every byte of every disk. */
  eraseDisks(report: Report, settings: EraseSettings): Promise<void>;
  /** Steps beside those; none where absent. */
  readonly steps?: readonly MachineStep[];
  /** Lets a person with this password in, over SSH and on the consoles. */
  openForRescue(login: RescueLogin): Promise<void>;
  /** A gzipped tar of what could explain a failure. */
  collectLogs(): Promise<Uint8Array>;
  /** Makes ready to start the written image's kernel directly. Throws AgentError where that is not possible. */
  loadKexec(commandLine: string | undefined): Promise<void>;
  sync(): Promise<void>;
  /** Ends this system; on real machines it does not return. `kexec` needs loadKexec before. */
  leave(how: 'kexec' | 'reboot' | 'power off'): Promise<void>;
}
