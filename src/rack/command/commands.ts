// `undercloud rack ...`: the flags, and which function carries each command out.
import { mkdirSync } from 'node:fs';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { askFault } from '../control.ts';
import { rackErrors } from '../errors.ts';
import { faultKinds } from '../faults/index.ts';
import { rackFolder, readJson } from '../folder.ts';
import { type DelayProfile, delayProfiles } from '../machine/index.ts';
import { runShell } from '../network/index.ts';
import { serveRack } from '../serve.ts';
import { defaultRackOptions, type RackOptions, RackSpec } from '../spec.ts';
import { showConsole } from './console.ts';
import { rackDown, rackStatus, rackUp } from './lifecycle.ts';
import { printStatus, printUp, type Screen } from './print.ts';

const screen = (): Screen => ({
  isTerminal: process.stdout.isTTY === true,
  write: (text) => void process.stdout.write(text),
});

function whole(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value)) throw new InvalidArgumentError('not a whole number');
  return value;
}

const printJson = (value: unknown): void => void process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);

const dataOption = (folder: string): Option =>
  new Option('--data <dir>', 'data folder; the rack is in its folder rack').default(folder, folder);

interface UpFlags {
  readonly data: string;
  readonly json?: boolean;
  readonly name?: string;
  readonly kind?: RackOptions['kind'];
  readonly machines?: number;
  readonly memory?: number;
  readonly disk?: number;
  readonly disks?: number;
  readonly diskBus?: RackOptions['diskBus'];
  readonly nics?: number;
  readonly firmware?: RackOptions['firmware'];
  readonly accel?: RackOptions['acceleration'];
  readonly subnet?: string;
  readonly powerDelay?: number;
  readonly delays?: DelayProfile;
  readonly bootUrl?: string;
  readonly ipmi?: boolean;
}

/** Only what was asked for: the rest is taken from the rack as it was, or from the defaults. */
function askedOptions(flags: UpFlags): Partial<RackOptions> {
  return {
    ...(flags.name === undefined ? {} : { name: flags.name }),
    ...(flags.kind === undefined ? {} : { kind: flags.kind }),
    ...(flags.machines === undefined ? {} : { machines: flags.machines }),
    ...(flags.memory === undefined ? {} : { memoryMb: flags.memory }),
    ...(flags.disk === undefined ? {} : { diskGb: flags.disk }),
    ...(flags.disks === undefined ? {} : { disks: flags.disks }),
    ...(flags.diskBus === undefined ? {} : { diskBus: flags.diskBus }),
    ...(flags.nics === undefined ? {} : { nics: flags.nics }),
    ...(flags.firmware === undefined ? {} : { firmware: flags.firmware }),
    ...(flags.accel === undefined ? {} : { acceleration: flags.accel }),
    ...(flags.subnet === undefined ? {} : { subnet: flags.subnet }),
    ...(flags.ipmi === undefined ? {} : { ipmi: flags.ipmi }),
    ...(flags.bootUrl === undefined ? {} : { bootUrl: flags.bootUrl }),
    ...(flags.delays === undefined && flags.powerDelay === undefined
      ? {}
      : {
          delays: {
            ...delayProfiles[flags.delays ?? 'none'],
            ...(flags.powerDelay === undefined ? {} : { powerOnMs: flags.powerDelay, powerOffMs: flags.powerDelay }),
          },
        }),
  };
}

function addUp(rack: Command, data: string): void {
  const usual = defaultRackOptions;
  rack
    .command('up')
    .description('Start the rack in the background: machines powered off, each with its BMC')
    .option('--machines <n>', `how many (default: ${usual.machines})`, whole)
    .addOption(
      new Option(
        '--kind <kind>',
        `real guests, or the deploy agent alone without hardware (default: ${usual.kind})`,
      ).choices(['qemu', 'simulated']),
    )
    .option('--memory <mb>', `memory of each machine (default: ${usual.memoryMb})`, whole)
    .option('--disk <gb>', `size of each disk; sparse files (default: ${usual.diskGb})`, whole)
    .option('--disks <n>', `disks of each machine (default: ${usual.disks})`, whole)
    .addOption(
      new Option('--disk-bus <bus>', `what the disks of a guest hang on (default: ${usual.diskBus})`).choices([
        'virtio',
        'nvme',
      ]),
    )
    .option('--nics <n>', `NICs of each machine, all on the provisioning network (default: ${usual.nics})`, whole)
    .addOption(
      new Option(
        '--firmware <mode>',
        `what machines boot with until a BMC is told otherwise (default: ${usual.firmware})`,
      ).choices(['bios', 'uefi']),
    )
    .addOption(
      new Option(
        '--accel <how>',
        `KVM, software emulation, or whichever works (default: ${usual.acceleration})`,
      ).choices(['auto', 'tcg', 'kvm']),
    )
    .option('--name <name>', `name of the rack and of the host's interface on its network (default: ${usual.name})`)
    .option('--subnet <cidr>', `its provisioning network; the host takes the first address (default: ${usual.subnet})`)
    .option('--ipmi', 'let each BMC speak IPMI 2.0 too, on the UDP port of the same number (needs openipmi)')
    .option(
      '--power-delay <ms>',
      `time a simulated machine takes to change power (default: ${usual.delays.powerOnMs})`,
      whole,
    )
    .addOption(
      new Option(
        '--delays <profile>',
        "how long simulated machines take: no time, or the times that Ironic's documentation of its fake driver gives",
      ).choices(Object.keys(delayProfiles)),
    )
    .option('--boot-url <url>', 'http://HOST:PORT of the machines listener, where simulated machines boot from')
    .addOption(dataOption(data))
    .option('--json', 'print JSON')
    .action(async (flags: UpFlags) => {
      const result = await rackUp(flags.data, askedOptions(flags));
      if (flags.json) printJson(result.status);
      else printUp(screen(), result.status, result.wasUp, result.takenBack);
    });
}

function addDown(rack: Command, data: string): void {
  rack
    .command('down')
    .description('Power every machine off and remove the network; disks and passwords stay')
    .option('--wipe', 'delete disks, logs and passwords too')
    .addOption(dataOption(data))
    .option('--json', 'print JSON')
    .action(async (flags: { data: string; wipe?: boolean; json?: boolean }) => {
      const result = await rackDown(flags.data, flags.wipe === true);
      if (flags.json) return printJson(result);
      const leftovers =
        result.leftoverGuests > 0 ? `; its process was gone, ended ${result.leftoverGuests} guests it had left` : '';
      process.stdout.write(`rack ${result.name} is down${leftovers}${flags.wipe ? '; its files are deleted' : ''}\n`);
    });
}

function addStatus(rack: Command, data: string): void {
  rack
    .command('status')
    .description('Show every machine: power, boot override, process, BMC, faults, console log')
    .addOption(dataOption(data))
    .option('--json', 'print JSON')
    .action(async (flags: { data: string; json?: boolean }) => {
      const status = await rackStatus(flags.data);
      if (flags.json) printJson(status);
      else printStatus(screen(), status);
    });
}

function addFault(rack: Command, data: string): void {
  const kinds = Object.entries(faultKinds).map(
    ([kind, { value, effect }]) => `  ${kind.padEnd(14)}${effect} [${value}]`,
  );
  rack
    .command('fault <machine> <kind> [value]')
    .description('Give a machine a fault, or lift it with the value off')
    .addHelpText('after', `\nFaults:\n${kinds.join('\n')}`)
    .addOption(dataOption(data))
    .option('--json', 'print JSON')
    .action(
      async (machine: string, kind: string, value: string | undefined, flags: { data: string; json?: boolean }) => {
        const folder = rackFolder(flags.data);
        const status = await askFault(folder.control, machine, kind, value);
        if (!status) throw rackErrors.notUp(folder.path);
        if (flags.json) return printJson(status);
        process.stdout.write(
          `${machine}: ${kind} ${value === 'off' ? 'lifted' : `set${value === undefined ? '' : ` to ${value}`}`}\n`,
        );
      },
    );
}

function addConsole(rack: Command, data: string): void {
  rack
    .command('console <machine>')
    .description("Show what a machine's serial console has said")
    .option('-f, --follow', 'go on as it says more, until Ctrl-C')
    .addOption(dataOption(data))
    .action(async (machine: string, flags: { data: string; follow?: boolean }) => {
      const folder = rackFolder(flags.data);
      const spec = readJson(folder.spec, RackSpec);
      if (!spec) throw rackErrors.notUp(folder.path);
      const names = spec.machines.map((one) => one.name);
      if (!names.includes(machine)) throw rackErrors.unknownMachine(machine, names);
      const files = folder.machine(machine);
      mkdirSync(files.path, { recursive: true });
      const stop = new AbortController();
      process.once('SIGINT', () => stop.abort());
      await showConsole(
        files.consoleLog,
        files.path,
        flags.follow === true,
        (text) => void process.stdout.write(text),
        stop.signal,
      );
    });
}

/** Adds `undercloud rack` with its commands; `data` is the data folder where none is named. */
export function registerRackCommand(program: Command, data: string): void {
  const rack = program.command('rack').description('A rack of software machines that differ from metal only in speed');
  addUp(rack, data);
  addDown(rack, data);
  addStatus(rack, data);
  addFault(rack, data);
  addConsole(rack, data);
  rack
    .command('serve', { hidden: true })
    .addOption(dataOption(data))
    .action((flags: { data: string }) => serveRack(flags.data));
}

/** Adds `undercloud shell`. */
export function registerShellCommand(program: Command): void {
  program
    // So that options after the command to run are that command's own.
    .enablePositionalOptions()
    .command('shell')
    .description('Open a shell where a rack can be made without root: own user, network and mount namespaces')
    .argument('[command...]', 'run this instead of a shell')
    .passThroughOptions()
    .action(async (command: string[]) => {
      process.exitCode = await runShell(command);
    });
}
