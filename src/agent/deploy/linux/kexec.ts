// Loads the kernel of the image just written, so that it starts without a pass through the firmware.
import { access, mkdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Partition } from '../../disk-layout/gpt.ts';
import { AgentError } from '../../errors.ts';
import { run } from './program.ts';
import { names, readNumber } from './sysfs.ts';

export interface KexecOptions {
  readonly devicePath: string;
  /** The root partition that holds boot/vmlinuz and boot/initrd. */
  readonly root: Partition;
  /** Kernel command line; without one the image's own boot/cmdline. */
  readonly commandLine: string | undefined;
}

const mountPoint = '/run/undercloud-root';

/** Throws AgentError `unsupported` when the image has no kernel or command line to be found, `programFailed` when the kernel refuses. */
export async function loadKexec(options: KexecOptions): Promise<void> {
  const node = await partitionNode(options.devicePath, options.root);
  await mkdir(mountPoint, { recursive: true });
  await run('mount', ['-t', 'ext4', '-o', 'ro', node, mountPoint]);
  try {
    const kernel = join(mountPoint, 'boot/vmlinuz');
    const initrd = join(mountPoint, 'boot/initrd');
    const commandLine = options.commandLine ?? (await ownCommandLine());
    await access(kernel).catch((cause: unknown) => {
      throw new AgentError('unsupported', 'the image has no /boot/vmlinuz on its root', { cause });
    });
    const withInitrd = await access(initrd).then(
      () => [`--initrd=${initrd}`],
      () => [],
    );
    await run('kexec', ['-s', '-l', kernel, ...withInitrd, `--command-line=${commandLine}`]);
  } finally {
    await run('umount', [mountPoint]);
  }
}

async function ownCommandLine(): Promise<string> {
  try {
    return (await readFile(join(mountPoint, 'boot/cmdline'), 'utf8')).trim();
  } catch (cause) {
    throw new AgentError('unsupported', 'no kernel command line was given and the image has no /boot/cmdline', {
      cause,
    });
  }
}

/** The device node of the partition that starts where `partition` does. */
async function partitionNode(devicePath: string, partition: Partition): Promise<string> {
  const disk = basename(devicePath);
  const folder = join('/sys/block', disk);
  for (const name of await names(folder)) {
    if (name.startsWith(disk) && (await readNumber(join(folder, name, 'start'))) === partition.offsetBytes / 512) {
      return `/dev/${name}`;
    }
  }
  throw new AgentError('unsupported', `the kernel does not show partition ${partition.name} of ${devicePath}`);
}
