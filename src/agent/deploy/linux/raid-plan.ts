// Turns Ironic's target_raid_config into partitions of disks and the arrays made of them.
import { AgentError } from '../../errors.ts';
import { isObject, type Json, listOf, textOf } from '../../parse.ts';
import type { Disk } from '../../protocol.ts';
import { fitsHints } from '../root-device.ts';

const mebibyte = 1 << 20;
const gibibyte = 2 ** 30;
/** On every disk before its first array, so that each can start the machine: room for a boot loader and an EFI system partition. */
export const bootPartitions = [
  {
    type: '21686148-6449-6E6F-744E-656564454649',
    name: 'bios-boot',
    offsetBytes: mebibyte,
    sizeBytes: mebibyte,
  },
  {
    type: 'C12A7328-F81F-11D2-BA4B-00A0C93EC93B',
    name: 'esp',
    offsetBytes: 2 * mebibyte,
    sizeBytes: 550 * mebibyte,
  },
] as const;
const reservedBytes = 552 * mebibyte;
/** mdadm keeps its superblock at the end (metadata 1.0), and the backup of the partition table follows. */
const tailBytes = 2 * mebibyte;

/** mdadm's name of a level, the fewest disks it takes. */
const levels: Readonly<Record<string, { readonly level: string; readonly disks: number }>> = {
  '0': { level: '0', disks: 2 },
  '1': { level: '1', disks: 2 },
  '1+0': { level: '10', disks: 4 },
  '5': { level: '5', disks: 3 },
  '6': { level: '6', disks: 4 },
};

export interface PlannedArray {
  readonly device: string;
  readonly level: string;
  readonly name: string | undefined;
  /** On each of its disks, the same place. */
  readonly offsetBytes: number;
  readonly sizeBytes: number;
  /** Names of its disks. */
  readonly disks: readonly string[];
}

/** The arrays for the logical disks with `controller: software`. Throws AgentError `invalidParams` with what is wrong, `noDisk` or `diskTooSmall`. */
export function planSoftwareRaid(target: Json, disks: readonly Disk[]): readonly PlannedArray[] {
  const wanted = listOf(target, 'logical_disks').filter(isObject).filter(isSoftware);
  if (wanted.length === 0) throw invalid('target_raid_config holds no logical disk with controller software');
  const [first] = wanted;
  if (wanted.length > 2) throw invalid('software RAID takes at most two logical disks');
  if (first && textOf(first, 'raid_level') !== '1') {
    throw invalid('the first logical disk must have raid_level 1: machines boot from it');
  }
  const taken = new Map<string, number>();
  return wanted.map((logical, index) => {
    const raidLevel = textOf(logical, 'raid_level') ?? '';
    const known = levels[raidLevel];
    if (!known) throw invalid(`raid_level ${raidLevel} is none of ${Object.keys(levels).join(', ')}`);
    const members = membersOf(logical, disks);
    if (members.length < known.disks) {
      throw new AgentError('noDisk', `raid_level ${raidLevel} needs ${known.disks} disks, ${members.length} fit`);
    }
    const offsetBytes = Math.max(reservedBytes, ...members.map(({ name }) => taken.get(name) ?? 0));
    const room = Math.min(...members.map(({ size }) => alignDown(size - tailBytes))) - offsetBytes;
    const sizeBytes = memberBytes(logical, raidLevel, members.length, room);
    if (sizeBytes > room || room <= 0) {
      throw new AgentError(
        'diskTooSmall',
        `logical disk ${index + 1} needs ${sizeBytes} bytes of each disk, ${room} are left`,
      );
    }
    for (const { name } of members) taken.set(name, offsetBytes + sizeBytes);
    return {
      device: `/dev/md${index}`,
      level: known.level,
      name: textOf(logical, 'volume_name'),
      offsetBytes,
      sizeBytes,
      disks: members.map(({ name }) => name),
    };
  });
}

function isSoftware(logical: Json): boolean {
  return textOf(logical, 'controller') === 'software';
}

/** All disks, or for each hint of `physical_disks` the first that fits and is not taken yet. */
function membersOf(logical: Json, disks: readonly Disk[]): readonly Disk[] {
  const hints = listOf(logical, 'physical_disks').filter(isObject);
  if (hints.length === 0) return disks;
  const chosen: Disk[] = [];
  for (const hint of hints) {
    const found = disks.find((disk) => !chosen.includes(disk) && fitsHints(disk, hint));
    if (!found) throw new AgentError('noDisk', `no free disk fits ${JSON.stringify(hint)} of physical_disks`);
    chosen.push(found);
  }
  return chosen;
}

/** What each disk gives to an array of `size_gb`. */
function memberBytes(logical: Json, raidLevel: string, count: number, room: number): number {
  if (logical.size_gb === 'MAX') return room;
  const size = Number(logical.size_gb);
  if (!Number.isInteger(size) || size <= 0) throw invalid('size_gb must be a positive whole number or MAX');
  const shares = { '0': count, '1': 1, '1+0': count / 2, '5': count - 1, '6': count - 2 }[raidLevel] ?? 1;
  return Math.ceil((size * gibibyte) / shares / mebibyte) * mebibyte + tailBytes;
}

const alignDown = (bytes: number) => Math.floor(bytes / mebibyte) * mebibyte;
const invalid = (message: string) => new AgentError('invalidParams', message);
