// Recognises disk image formats by their first bytes, with what makes an image unfit for storing.

export interface Detected {
  readonly format: 'qcow2' | 'vmdk' | 'vhd' | 'vhdx' | 'vdi' | 'iso' | 'unrecognised';
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
  if (startsWith(head, 'KDMV')) {
    const sectors = head.length >= 20 ? head.readBigUInt64LE(12) : 0n;
    return { format: 'vmdk', virtualSizeBytes: Number(sectors * 512n) };
  }
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
  return { format: 'unrecognised' };
}

/** QEMU's docs/interop/qcow2: backing file at byte 8, size at 24, incompatible features at 72 (bit 2: external data file). */
function qcow2(head: Buffer): Detected {
  if (head.length < 72) return { format: 'qcow2', danger: 'its qcow2 header is cut short' };
  const version = head.readUInt32BE(4);
  const virtualSizeBytes = Number(head.readBigUInt64BE(24));
  if (version !== 2 && version !== 3) return { format: 'qcow2', danger: `its qcow2 version ${version} is unknown` };
  if (head.readBigUInt64BE(8) !== 0n) return { format: 'qcow2', danger: 'it has a backing file' };
  if (version === 3 && head.length >= 80 && (head.readBigUInt64BE(72) & 4n) !== 0n) {
    return { format: 'qcow2', danger: 'it has an external data file' };
  }
  return { format: 'qcow2', virtualSizeBytes };
}

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
  return `its content is ${found.format}, its disk_format says ${diskFormat}`;
}

function startsWith(head: Buffer, text: string): boolean {
  return head.length >= text.length && head.toString('latin1', 0, text.length) === text;
}
