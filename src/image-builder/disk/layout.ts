// The partitions of a golden image: BIOS boot, ESP, root A, root B, state, at fixed places.

const mebibyte = 1 << 20;
export const sectorBytes = 512;

/** One partition; bytes, multiples of 1 MiB. */
export interface LayoutPartition {
  readonly name: 'bios-boot' | 'esp' | 'root-a' | 'root-b' | 'state';
  readonly offsetBytes: number;
  readonly sizeBytes: number;
  /** GPT partition type GUID. */
  readonly type: string;
  readonly attributes?: string;
}

/** Sizes that a caller may choose, in MiB. */
export interface LayoutSizes {
  readonly espMib: number;
  readonly rootMib: number;
  readonly stateMib: number;
}

export const defaultSizes: LayoutSizes = { espMib: 64, rootMib: 1024, stateMib: 256 };

/** Types of UEFI 2.10 clause 5.3.3 and the Discoverable Partitions Specification. */
const types = {
  'bios-boot': '21686148-6449-6E6F-744E-656564454649',
  esp: 'C12A7328-F81F-11D2-BA4B-00A0C93EC93B',
  'root-a': '4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709',
  'root-b': '4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709',
  state: '0FC63DAF-8483-4772-8E79-3D69D8477DE4',
} as const;

/** The layout for `sizes` and the bytes of the smallest disk that holds it, backup table included. */
export function planLayout(sizes: LayoutSizes): {
  readonly partitions: readonly LayoutPartition[];
  readonly diskBytes: number;
} {
  const wanted = [
    ['bios-boot', 1],
    ['esp', sizes.espMib],
    ['root-a', sizes.rootMib],
    ['root-b', sizes.rootMib],
    ['state', sizes.stateMib],
  ] as const;
  let offset = mebibyte;
  const partitions = wanted.map(([name, mib]): LayoutPartition => {
    const partition = { name, offsetBytes: offset, sizeBytes: mib * mebibyte, type: types[name] };
    offset += partition.sizeBytes;
    // SeaBIOS starts the boot sector of the partition that carries this mark.
    return name === 'esp' ? { ...partition, attributes: 'LegacyBIOSBootable' } : partition;
  });
  return { partitions, diskBytes: offset + mebibyte };
}

/** The layout as input for sfdisk. */
export function sfdiskScript(partitions: readonly LayoutPartition[]): string {
  const lines = partitions.map((part) => {
    const fields = [
      `start=${part.offsetBytes / sectorBytes}`,
      `size=${part.sizeBytes / sectorBytes}`,
      `type=${part.type}`,
      `name=${part.name}`,
    ];
    return [...fields, ...(part.attributes ? [`attrs=${part.attributes}`] : [])].join(',');
  });
  return ['label: gpt', 'unit: sectors', 'first-lba: 34', ...lines, ''].join('\n');
}
