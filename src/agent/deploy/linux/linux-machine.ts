// The machine contract on Linux: what the ramdisk of a real or virtual machine does.
import { performance } from 'node:perf_hooks';
import type { Clock } from '../../clock.ts';
import { primaryBytes, readTable } from '../../disk-layout/gpt.ts';
import { AgentError } from '../../errors.ts';
import { textOf } from '../../parse.ts';
import type { Disk, PreparedImage } from '../../protocol.ts';
import type { Machine, Report, WriteRequest } from '../machine.ts';
import { chooseRootDisk } from '../root-device.ts';
import { clearBoot, copyBoot } from './array-boot.ts';
import { openBlockDevice } from './block-device.ts';
import { installBootLoader } from './boot-loader.ts';
import { ownBootMode } from './boot-mode.ts';
import { burnInSteps } from './burn-in.ts';
import { expectedDigest } from './digest.ts';
import { listArrays, listDisks } from './disks.ts';
import { eraseDisks, eraseExpress, eraseMetadata } from './erase.ts';
import { injectFilesStep } from './inject-files.ts';
import { collectInventory } from './inventory.ts';
import { loadKexec } from './kexec.ts';
import { leave } from './leave.ts';
import { collectLldp } from './lldp.ts';
import { collectLogs } from './logs.ts';
import { partitionUuids } from './partition-uuids.ts';
import { listPciDevices } from './pci.ts';
import { run } from './program.ts';
import { membersOf, raidSteps, writableDisks } from './raid.ts';
import { openForRescue } from './rescue.ts';
import { type Written, writeConfigDrive, writeImage } from './write-image.ts';

export interface LinuxMachineOptions {
  readonly clock: Clock;
  readonly log: (line: string) => void;
  /** Listen to the switches in inspections, for half a minute. */
  readonly collectLldp?: boolean;
  /** Place of the step inject_files among the deploy steps; 0: only where it is asked for. */
  readonly injectFilesPriority?: number;
  /** What the agent has logged, for its collected logs. */
  readonly agentLog?: () => string;
  /** Other disks than the kernel's, as files in tests. */
  readonly disks?: () => Promise<readonly Disk[]>;
}

/** What is on a disk because this agent put it there, in this life of the ramdisk. */
interface Deployed {
  readonly disk: Disk;
  /** The disks that it is an array of; none for a disk. */
  readonly members: readonly Disk[];
  readonly written: Written;
  readonly commandLine: string | undefined;
}

export function createLinuxMachine(options: LinuxMachineOptions): Machine {
  const { clock, log } = options;
  const physical = options.disks ?? (() => listDisks());
  async function disks(): Promise<readonly Disk[]> {
    const found = await physical();
    return options.disks ? found : writableDisks(found, log);
  }
  let deployed: Deployed | undefined;

  /** What firmware would start lies on the disks of an array, not in it. */
  async function clearArrays(): Promise<void> {
    const found = await physical();
    for (const array of options.disks ? [] : await listArrays()) await clearBoot(await membersOf(array.name, found));
  }

  const opened = (disk: Disk) => openBlockDevice(disk.name, disk.size, disk.logical_sectors);

  async function write(request: WriteRequest, report: Report): Promise<PreparedImage> {
    const { image, configDrive } = request;
    const disk = chooseRootDisk(await disks(), request.rootDeviceHints);
    const expected = expectedDigest(image);
    const started = performance.now();
    const members = await membersOf(disk.name, await physical());
    const device = await opened(disk);
    try {
      const plan = deployed?.written.plan;
      const same = deployed?.disk.name === disk.name && deployed.written.expected.value === expected.value && plan;
      if (same) {
        await writeConfigDrive(device, plan, configDrive);
        await device.sync();
      } else {
        deployed = undefined;
        await clearBoot(members);
        const written = await writeImage({ device, image, configDrive, clock, log, report });
        if (members.length > 0 && !written.layout) await copyBoot(device, members, await ownBootMode());
        deployed = { disk, members, written, commandLine: textOf(image.properties ?? {}, 'undercloud_cmdline') };
      }
      const seconds = (performance.now() - started) / 1000;
      const bytes = deployed?.written.bytes ?? 0;
      const verb = same ? 'already on' : 'written to';
      return {
        result: `prepare_image: image (${image.id}) ${verb} device ${disk.name}`,
        device: disk.name,
        bytes,
        seconds: Math.round(seconds * 1000) / 1000,
        algorithm: expected.algorithm,
        digest: expected.value,
        already_written: Boolean(same),
        state_kept: deployed?.written.kept ?? false,
      };
    } finally {
      await device.close();
    }
  }

  return {
    async inventory() {
      const inventory = await collectInventory();
      // The arrays are running once the disks have been listed.
      const free = await disks();
      const found = options.disks ? free : [...inventory.disks, ...(await listArrays())];
      return { ...inventory, disks: [...found] };
    },
    pciDevices: () => listPciDevices(),
    ...(options.collectLldp ? { lldp: () => collectLldp({ clock, log }) } : {}),
    rootDisk: async (hints) => chooseRootDisk(await disks(), hints),
    writeImage: write,
    async partitionUuids() {
      if (!deployed) throw new AgentError('layout', 'no image was written by this ramdisk');
      const { disk, written } = deployed;
      const device = await opened(disk);
      try {
        const table = readTable(await device.read(0, primaryBytes(device.sectorBytes)), device.sectorBytes);
        return await partitionUuids(disk.name, (written.layout ?? table)?.partitions ?? []);
      } finally {
        await device.close();
      }
    },
    async installBootLoader() {
      const layout = deployed?.written.layout;
      if (!deployed || !layout) return 'a whole-disk image brings its own boot loader';
      const { disk, members } = deployed;
      const done = await installBootLoader(disk.name, layout, members.length > 0 ? members : [disk]);
      if (members.length === 0 || !layout.of.esp) return done;
      const device = await opened(disk);
      try {
        await copyBoot(device, members, 'uefi');
      } finally {
        await device.close();
      }
      return `${done}, on each disk of ${disk.name}`;
    },
    async eraseMetadata(report) {
      deployed = undefined;
      await eraseMetadata({ disks: await disks(), clock, log, report });
      await clearArrays();
    },
    async eraseDisks(report, settings) {
      deployed = undefined;
      await eraseDisks({ disks: await disks(), clock, log, report }, settings);
      await clearArrays();
    },
    steps: [
      {
        step: 'erase_devices_express',
        interface: 'deploy',
        priority: { clean: 0 },
        abortable: true,
        async run(_args, _node, report) {
          deployed = undefined;
          await eraseExpress({ disks: await disks(), clock, log, report });
          await clearArrays();
          return null;
        },
      },
      ...raidSteps(physical, log),
      ...burnInSteps({ run, disks }),
      injectFilesStep({
        rootDisk: async (hints) => deployed?.disk ?? chooseRootDisk(await disks(), hints),
        priority: options.injectFilesPriority ?? 0,
        log,
      }),
    ],
    async loadKexec(commandLine) {
      const root = deployed?.written.plan?.table.partitions.find((partition) => partition.name.endsWith('root-a'));
      if (!deployed || !root) throw new AgentError('unsupported', 'kexec needs a golden image written by this ramdisk');
      await loadKexec({ devicePath: deployed.disk.name, root, commandLine: commandLine ?? deployed.commandLine });
    },
    async sync() {
      await run('sync', []);
    },
    openForRescue: (login) => openForRescue(login, log),
    collectLogs: () => collectLogs(options.agentLog?.() ?? ''),
    leave: (how) => leave(how, log),
  };
}
