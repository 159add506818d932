// Loads the kernel of the image just written, so that it starts without a pass through the firmware.
import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Partition } from '../../disk-layout/gpt.ts';
import { AgentError } from '../../errors.ts';
import { partitionNode, whileMounted } from './mounted.ts';
import { run } from './program.ts';

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
  await whileMounted([['-t', 'ext4', '-o', 'ro', node, mountPoint]], async () => {
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
  });
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
