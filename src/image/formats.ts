// Recognises disk image formats by their first bytes, with what makes an image unfit for storing.

export interface Detected {
  readonly format: 'qcow2' | 'vmdk' | 'vhd' | 'vhdx' | 'vdi' | 'iso' | 'qed' | 'gpt' | 'unrecognised';
  /** Size of the disk inside, bytes, where the header tells. */
  readonly virtualSizeBytes?: number;
  /** Why the image must not be stored: it makes its reader open other files. */
  readonly danger?: string;
}

export const diskFormats = ['ami', 'ari', 'aki', 'vhd', 'vhdx', 'vmdk', 'raw', 'qcow2', 'vdi', 'ploop', 'iso'] as const;
export const containerFormats = ['ami', 'ari', 'aki', 'bare', 'ovf', 'ova', 'docker', 'compressed'] as const;

/** Looks at the first bytes of an image (a chunk; 33 KiB see every format). */
export function detectFormat(head: Buffer): Detected {
  if (startsWith(head, 'QFI\xfb')) return qcow2(head);
  if (startsWith(head, 'QED\0')) return { format: 'qed', danger: 'the format qed is not accepted' };
  if (startsWith(head, 'KDMV')) return vmdk(head);
  if (startsWith(head, '# Disk DescriptorFile')) {
    return { format: 'vmdk', danger: 'it is a VMDK descriptor, which only names other files' };
  }
  if (startsWith(head, 'conectix')) {
    return head.length >= 48
      ? { format: 'vhd', virtualSizeBytes: Number(head.readBigUInt64BE(40)) }
      : { format: 'vhd', danger: 'its header is cut short' };
  }
  if (startsWith(head, 'vhdxfile')) return { format: 'vhdx' };
  if (head.length >= 376 && head.readUInt32LE(64) === 0xbeda107f) {
    return { format: 'vdi', virtualSizeBytes: Number(head.readBigUInt64LE(368)) };
  }
  if (head.length > 32774 && head.toString('latin1', 32769, 32774) === 'CD001') return { format: 'iso' };
  if (isPartitioned(head)) return { format: 'gpt' };
  return { format: 'unrecognised' };
}

/** QEMU's docs/interop/qcow2: backing file at byte 8, size at 24, incompatible features at 72 (bit 2: external data file). */
function qcow2(head: Buffer): Detected {
  if (head.length < 72) return { format: 'qcow2', danger: 'its qcow2 header is cut short' };
  const version = head.readUInt32BE(4);
  const virtualSizeBytes = Number(head.readBigUInt64BE(24));
  if (version !== 2 && version !== 3) return { format: 'qcow2', danger: `its qcow2 version ${version} is unknown` };
  if (head.readBigUInt64BE(8) !== 0n) return { format: 'qcow2', danger: 'it has a backing file' };
  const features = version === 3 && head.length >= 80 ? head.readBigUInt64BE(72) : 0n;
  if ((features & 4n) !== 0n) return { format: 'qcow2', danger: 'it has an external data file' };
  if (features >> 5n !== 0n) return { format: 'qcow2', danger: 'it needs qcow2 features that are unknown' };
  return { format: 'qcow2', virtualSizeBytes };
}

/**
 * VMware's Virtual Disk Format 5.0: capacity in sectors at byte 12, place and length of the descriptor in sectors at 28 and 36.
 * Of the kinds that a descriptor can name, two keep all their content in the file itself.
 */
function vmdk(head: Buffer): Detected {
  const format = 'vmdk';
  if (head.length < 44) return { format, danger: 'its header is cut short' };
  const sector = 512n;
  const start = head.readBigUInt64LE(28) * sector;
  const end = start + head.readBigUInt64LE(36) * sector;
  if (start === 0n || end > BigInt(head.length)) return { format, danger: 'its descriptor is not at its beginning' };
  const descriptor = head.toString('latin1', Number(start), Number(end));
  const kind = /^createType\s*=\s*"([^"]*)"/m.exec(descriptor)?.[1];
  if (kind !== 'monolithicSparse' && kind !== 'streamOptimized')
    return { format, danger: `its VMDK type ${kind ?? ''} may name other files` };
  if (/^parentFileNameHint/m.test(descriptor)) return { format, danger: 'it has a parent' };
  const extents = descriptor.match(/^(RW|RDONLY|NOACCESS)\s.*$/gm) ?? [];
  if (extents.length !== 1 || /[/\\]/.test(extents[0])) return { format, danger: 'its extents lie in other files' };
  return { format, virtualSizeBytes: Number(head.readBigUInt64LE(12) * sector) };
}

/** UEFI specification, "Master boot record": the signature, and entries that are bootable or not and no third thing. */
function isPartitioned(head: Buffer): boolean {
  if (head.length < 512 || head.readUInt16LE(510) !== 0xaa55) return false;
  const entries = [446, 462, 478, 494].map((at) => ({ flag: head.readUInt8(at), type: head.readUInt8(at + 4) }));
  return entries.every(({ flag }) => flag === 0 || flag === 0x80) && entries.some(({ type }) => type !== 0);
}

/** Formats that bytes with a partition table can be declared as: they are one, or may begin with one. */
const beginWithDisk = new Set(['raw', 'iso', 'ami', 'aki', 'ari', 'vhd', 'ploop']);

/**
 * Why bytes that look like `found` must not be stored under the declared formats; undefined when they may. Unrecognised
 * bytes are taken at the owner's word; bytes recognised as another format are not, for a disk that is really a qcow2
 * makes whoever reads it open files of its choice.
 */
export function mismatch(found: Detected, diskFormat: string, containerFormat: string): string | undefined {
  if (containerFormat !== 'bare' || found.format === 'unrecognised') return undefined;
  if (found.danger !== undefined) return found.danger;
  const raw = found.format === 'iso' && diskFormat === 'raw';
  if (raw || found.format === diskFormat) return undefined;
  if (found.format === 'gpt' && beginWithDisk.has(diskFormat)) return undefined;
  return `its content is ${found.format}, its disk_format says ${diskFormat}`;
}

function startsWith(head: Buffer, text: string): boolean {
  return head.length >= text.length && head.toString('latin1', 0, text.length) === text;
}
