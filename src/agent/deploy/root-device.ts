// Chooses the disk to deploy to, by Ironic's root device hints.
import { AgentError } from '../errors.ts';
import type { Json } from '../parse.ts';
import type { Disk } from '../protocol.ts';

const gibibyte = 2 ** 30;
/** Without hints the smallest disk of at least this size is taken, as ironic-python-agent does. */
const smallestDefaultBytes = 4 * gibibyte;

/** What each hint compares with; sizes are in whole GiB. */
const facts: Readonly<Record<string, (disk: Disk) => string | number | null>> = {
  name: (disk) => disk.name,
  model: (disk) => disk.model,
  vendor: (disk) => disk.vendor,
  serial: (disk) => disk.serial,
  wwn: (disk) => disk.wwn,
  wwn_with_extension: (disk) => disk.wwn_with_extension,
  wwn_vendor_extension: (disk) => disk.wwn_vendor_extension,
  hctl: (disk) => disk.hctl,
  by_path: (disk) => disk.by_path,
  rotational: (disk) => String(disk.rotational),
  size: (disk) => Math.floor(disk.size / gibibyte),
};

/** The chosen disk. Throws AgentError `noDisk` when none fits, naming each disk with the hint that ruled it out, or `invalidParams`. */
export function chooseRootDisk(disks: readonly Disk[], hints: Json | undefined): Disk {
  const bySize = [...disks].sort((a, b) => a.size - b.size || (a.name < b.name ? -1 : 1));
  const entries = Object.entries(hints ?? {});
  if (entries.length === 0) {
    // The first array of software RAID is made to be booted from.
    const array = bySize.find((disk) => disk.name === '/dev/md0');
    const chosen = array ?? bySize.find((disk) => disk.size >= smallestDefaultBytes) ?? bySize.at(-1);
    if (!chosen) throw new AgentError('noDisk', 'this machine has no disk');
    return chosen;
  }
  const reasons: string[] = [];
  for (const disk of bySize) {
    const failed = entries.find(([hint, wanted]) => !fits(disk, hint, wanted));
    if (!failed) return disk;
    reasons.push(`${disk.name}: ${failed[0]} is ${String(facts[failed[0]]?.(disk))}, wanted ${String(failed[1])}`);
  }
  throw new AgentError('noDisk', `no disk fits the root device hints (${reasons.join('; ') || 'there is no disk'})`);
}

/** Whether a disk has everything that the hints say. Throws AgentError `invalidParams`. */
export function fitsHints(disk: Disk, hints: Json): boolean {
  return Object.entries(hints).every(([hint, wanted]) => fits(disk, hint, wanted));
}

function fits(disk: Disk, hint: string, wanted: unknown): boolean {
  const fact = facts[hint];
  if (!fact) throw new AgentError('invalidParams', `${hint} is no root device hint`);
  const value = fact(disk);
  if (value === null) return false;
  return matches(value, String(wanted));
}

type Compare = (order: number) => boolean;
const comparisons: Readonly<Record<string, Compare>> = {
  '==': (order) => order === 0,
  '!=': (order) => order !== 0,
  '>=': (order) => order >= 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '<': (order) => order < 0,
  // For numbers a single equals sign means "at least" in this grammar.
  '=': (order) => order >= 0,
};

/** The grammar of oslo.utils' specs matcher; text compares without regard to case. */
function matches(value: string | number, wanted: string): boolean {
  const text = String(value).toLowerCase();
  const expression = wanted.trim().toLowerCase();
  if (expression.startsWith('<or>')) {
    const choices = expression.split('<or>').map((choice) => choice.trim());
    return choices.some(
      (choice) => choice !== '' && (typeof value === 'number' ? Number(choice) === value : choice === text),
    );
  }
  if (expression.startsWith('<all-in>')) {
    const parts = expression.split('<all-in>').map((part) => part.trim());
    return parts.every((part) => text.includes(part));
  }
  if (expression.startsWith('<in>')) return text.includes(expression.slice(4).trim());
  const [, operator, operand = ''] = /^(s==|s!=|s>=|s<=|s>|s<|==|!=|>=|<=|>|<|=)?\s*(.*)$/.exec(expression) ?? [];
  const compare = comparisons[operator?.replace(/^s/, '') ?? '=='] ?? comparisons['=='];
  const numeric = operator ? !operator.startsWith('s') && typeof value === 'number' : typeof value === 'number';
  const order = numeric ? Number(value) - Number(operand) : text < operand ? -1 : text > operand ? 1 : 0;
  return compare?.(order) ?? false;
}
