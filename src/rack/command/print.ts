// How the rack's command shows a rack: tables for a terminal, tab-separated lines for a pipe.
import { describeFaults } from '../faults/index.ts';
import type { MachineStatus, RackStatus } from '../status.ts';

export interface Screen {
  readonly isTerminal: boolean;
  write(text: string): void;
}

const bold = (text: string): string => `\u001b[1m${text}\u001b[0m`;
const colour = (code: number, text: string): string => `\u001b[${code}m${text}\u001b[0m`;

/** Rows under a heading: aligned with a bold heading on a terminal, else tab-separated. */
export function table(screen: Screen, heading: readonly string[], rows: readonly (readonly string[])[]): void {
  if (!screen.isTerminal) {
    for (const row of [heading, ...rows]) screen.write(`${row.join('\t')}\n`);
    return;
  }
  const widths = heading.map((cell, column) => Math.max(cell.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[], paint: (cell: string, column: number) => string): string =>
    row
      .map((cell, column) => paint(cell, column) + ' '.repeat((widths[column] ?? 0) - cell.length))
      .join('  ')
      .trimEnd();
  screen.write(`${line(heading, bold)}\n`);
  for (const row of rows) screen.write(`${line(row, paintCell)}\n`);
}

function paintCell(cell: string): string {
  if (cell === 'On') return colour(32, cell);
  if (cell === 'PoweringOn' || cell === 'PoweringOff') return colour(33, cell);
  return cell;
}

/** The boot override as an operator says it, for instance `Pxe once`; `-` without one. */
function override(machine: MachineStatus): string {
  const { target, enabled, mode } = machine.boot;
  const firmware = mode === 'UEFI' ? ' (UEFI)' : '';
  return enabled === 'Disabled' ? `-${firmware}` : `${target} ${enabled.toLowerCase()}${firmware}`;
}

function machineKind(status: RackStatus): string {
  if (status.kind !== 'qemu') return 'simulated';
  if (status.accelerator === null) return 'QEMU';
  return status.accelerator === 'kvm' ? 'QEMU with KVM' : 'QEMU, software emulation';
}

const headline = (status: RackStatus): string =>
  `rack ${status.name}: ${count(status.machines.length)} (${machineKind(status)}), process ${status.pid}`;

const count = (machines: number): string => (machines === 1 ? '1 machine' : `${machines} machines`);

export function printStatus(screen: Screen, status: RackStatus): void {
  if (screen.isTerminal) {
    screen.write(`${headline(status)}\n`);
    if (status.network)
      screen.write(
        `network ${status.network.subnet}, this host is ${status.network.address} on ${status.network.device}\n`,
      );
    screen.write('\n');
  }
  table(
    screen,
    ['MACHINE', 'POWER', 'BOOT OVERRIDE', 'NEXT BOOT', 'PID', 'BMC', 'FAULTS', 'CONSOLE LOG'],
    status.machines.map((machine) => [
      machine.name,
      machine.power,
      override(machine),
      machine.boot.next.join(','),
      machine.pid === null ? '-' : String(machine.pid),
      machine.bmc.url,
      describeFaults(machine.faults) || '-',
      machine.console,
    ]),
  );
}

const shownAtMost = 8;

/** What `rack up` made, and what to do with it. */
export function printUp(screen: Screen, status: RackStatus, wasUp: boolean, takenBack: number): void {
  screen.write(`${headline(status)}${wasUp ? ', was up already' : ''}\n`);
  if (takenBack > 0) screen.write(`took back ${count(takenBack)} that an earlier rack process left running\n`);
  if (status.network) {
    screen.write(
      `network ${status.network.subnet}, this host is ${status.network.address} on ${status.network.device}\n`,
    );
  }
  for (const machine of status.machines.slice(0, shownAtMost)) {
    screen.write(`  ${machine.name}  BMC ${machine.bmc.url}  MAC ${machine.macs.join(', ')}  ${machine.power}\n`);
  }
  const more = status.machines.length - shownAtMost;
  if (more > 0) screen.write(`  and ${more} more: undercloud rack status\n`);
  screen.write(`nodes file ${status.nodesFile}\n`);
  screen.write(`instackenv ${status.instackenvFile}\n`);
  if (screen.isTerminal) {
    const provision = status.network ? `undercloud up --provision ${status.network.device}` : 'undercloud up';
    screen.write(`\nnext: ${provision}\n      undercloud node import ${status.nodesFile}\n`);
  }
}
