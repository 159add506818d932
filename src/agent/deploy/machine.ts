// What the deploy agent asks of the machine that it runs on; real hardware and simulated machines both implement it.
import type { Json } from '../parse.ts';
import type { Disk, ImageInfo, Inventory, PreparedImage, Progress } from '../protocol.ts';

export interface WriteRequest {
  readonly image: ImageInfo;
  /** File system bytes, absent for no config drive. */
  readonly configDrive: Uint8Array | undefined;
  readonly rootDeviceHints: Json | undefined;
}

export type Report = (progress: Progress) => void;

export interface Machine {
  inventory(): Promise<Inventory>;
  /** The disk that the hints choose, or the default choice without hints. Throws AgentError `noDisk`. */
  rootDisk(hints: Json | undefined): Promise<Disk>;
  /** Leaves the disk with exactly this image and config drive, or with nothing that boots. Sent twice, it writes once. */
  writeImage(request: WriteRequest, report: Report): Promise<PreparedImage>;
  /** UUIDs of the file systems on the root disk, by Ironic's names. */
  partitionUuids(): Promise<Readonly<Record<string, string>>>;
  /** Overwrites partition tables and file system signatures of every disk. */
  eraseMetadata(report: Report): Promise<void>;
  /** Overwrites or discards every byte of every disk. */
  eraseDisks(report: Report): Promise<void>;
  /** Makes ready to start the written image's kernel directly. Throws AgentError where that is not possible. */
  loadKexec(commandLine: string | undefined): Promise<void>;
  sync(): Promise<void>;
  /** Ends this system; on real machines it does not return. `kexec` needs loadKexec before. */
  leave(how: 'kexec' | 'reboot' | 'power off'): Promise<void>;
}
