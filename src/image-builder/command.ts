// `undercloud image build`: the builder on the command line.
import { join, resolve } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { buildImage } from './build.ts';
import { defaultSizes } from './disk/index.ts';
import type { BuildEvent, BuiltImage, ImageKind } from './options.ts';

/** What the command needs from the program around it. */
export interface CommandDefaults {
  /** Folder of the installed package, which holds `elements/` and `dist/`. */
  readonly packageFolder: string;
  /** The data folder where none is named. */
  readonly data: string;
  /** Puts the artefacts into the image service; without it they are only left in the data folder. */
  readonly register?: (image: BuiltImage, say: (line: string) => void) => Promise<void>;
  readonly write: (line: string) => void;
}

interface Flags {
  element: string[];
  packages: string[];
  elementsPath: string[];
  output?: string;
  register: boolean;
  refresh?: boolean;
  data?: string;
  partition?: boolean;
  rootSize: number;
  cmdline: string;
  json?: boolean;
}

/** Kernel parameters of every golden image; the slot comes before them. */
export const defaultCommandLine = 'console=tty0 console=ttyS0,115200 quiet net.ifnames=0 panic=30 systemd.gpt_auto=0';

/** Adds `build` to the `image` command (made when it is not there yet). */
export function registerImageBuildCommand(program: Command, defaults: CommandDefaults): void {
  const image =
    program.commands.find((command) => command.name() === 'image') ??
    program.command('image').description('Images that machines run');
  image
    .command('build')
    .description('Build a golden image, a partition image or the deploy ramdisk from elements and register it')
    .argument('<name>', 'name of the image; deploy-ramdisk builds kernel and ramdisk for deployment')
    .option(
      '-e, --element <name>',
      'element to build from (repeat; debian-minimal is added)',
      (name: string, all: string[]) => [...all, name],
      [],
    )
    .option('-p, --packages <names>', 'more Debian packages, separated by commas', commaList, [])
    .option(
      '--elements-path <folders>',
      'where to look for elements first, as ELEMENTS_PATH',
      (value: string) => value.split(':'),
      [],
    )
    .option(
      '--partition',
      'one root file system instead of a disk: the machine gets its partitions when it is deployed',
    )
    .option('-o, --output <file>', 'also write the uncompressed disk or file system here')
    .option('--no-register', 'leave the result in the data folder')
    .option('--refresh', 'fetch packages anew instead of using earlier layers')
    .option('--data <folder>', 'data folder (default: UNDERCLOUD_DATA, else the one of `undercloud up`)')
    .option(
      '--root-size <MiB>',
      'size of each root slot, the most that a partition image may have',
      mebibytes,
      defaultSizes.rootMib,
    )
    .option('--cmdline <text>', 'kernel command line', defaultCommandLine)
    .option('--json', 'print the result as JSON')
    .action(async (name: string, flags: Flags) => {
      const image = await buildFromFlags(name, flags, defaults);
      if (flags.json) defaults.write(JSON.stringify(image, null, 2));
      else for (const line of summary(image)) defaults.write(line);
      if (flags.register && defaults.register)
        await defaults.register(image, flags.json ? () => undefined : defaults.write);
    });
}

/** Elements of every image of a kind: what starts it. */
const added: Readonly<Record<ImageKind, readonly string[]>> = { disk: ['slot-root'], partition: ['grub'], ramdisk: [] };

function kindOf(name: string, { element, partition }: Flags): ImageKind {
  if (name === 'deploy-ramdisk' || element.includes('deploy-ramdisk')) return 'ramdisk';
  return partition ? 'partition' : 'disk';
}

async function buildFromFlags(name: string, flags: Flags, defaults: CommandDefaults): Promise<BuiltImage> {
  const kind = kindOf(name, flags);
  const asked = kind === 'ramdisk' && flags.element.length === 0 ? ['deploy-ramdisk'] : flags.element;
  const dist = join(defaults.packageFolder, 'dist');
  const fromEnvironment = (process.env.ELEMENTS_PATH ?? '').split(':').filter(Boolean);
  const stop = new AbortController();
  const interrupt = () => stop.abort();
  process.once('SIGINT', interrupt);
  try {
    return await buildImage(
      {
        name,
        kind,
        elements: [...new Set(['debian-minimal', ...added[kind], ...asked])],
        packages: flags.packages,
        elementsPath: [...flags.elementsPath, ...fromEnvironment, join(defaults.packageFolder, 'elements')].map(
          (folder) => resolve(folder),
        ),
        folder: join(resolve(flags.data ?? defaults.data), 'images'),
        files: {
          UNDERCLOUD_DEPLOY_AGENT: join(dist, 'deploy-agent.cjs'),
          UNDERCLOUD_CONFIG_AGENT: join(dist, 'config-agent.cjs'),
          UNDERCLOUD_NODE: process.execPath,
        },
        sizes: { ...defaultSizes, rootMib: flags.rootSize },
        commandLine: flags.cmdline,
        ...(flags.refresh ? { refresh: true } : {}),
        ...(flags.output ? { rawOutput: resolve(flags.output) } : {}),
        environment: process.env,
        signal: stop.signal,
      },
      flags.json ? undefined : (event) => report(event, defaults.write),
    );
  } finally {
    process.off('SIGINT', interrupt);
  }
}

function report(event: BuildEvent, write: (line: string) => void): void {
  if (event.kind === 'cached') write(`unchanged    ${event.step}`);
  if (event.kind === 'finished')
    write(
      `${event.seconds.toFixed(1).padStart(7)} s    ${event.step}${event.total > 1 ? `  (${event.done}/${event.total})` : ''}`,
    );
}

function summary(image: BuiltImage): string[] {
  const files = image.artefacts.map((artefact) => `${artefact.path}  ${(artefact.sizeBytes / 1e6).toFixed(1)} MB`);
  return [
    ...files,
    image.fromCache ? `unchanged, checked in ${image.seconds.toFixed(2)} s` : `built in ${image.seconds.toFixed(1)} s`,
  ];
}

function commaList(value: string, all: string[]): string[] {
  return [
    ...all,
    ...value
      .split(',')
      .map((word) => word.trim())
      .filter(Boolean),
  ];
}

function mebibytes(value: string): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 256) throw new InvalidArgumentError('give whole MiB, at least 256');
  return number;
}
