// Installs the boot loader that a partition image brings, from inside that image.
import { appendFile, mkdir, readFile, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { PartitionImagePlan } from '../../disk-layout/partition-image.ts';
import { AgentError, asAgentError } from '../../errors.ts';
import type { Disk } from '../../protocol.ts';
import { partitionNode, typeOf, whileMounted } from './mounted.ts';
import { partitionUuids } from './partition-uuids.ts';
import { run } from './program.ts';
import { names } from './sysfs.ts';

const root = '/run/undercloud-root';
const esp = '/run/undercloud-esp';

/** What was done; BIOS starts from `bootDisks`, which are others than `disk` where that is an array. Throws AgentError `bootLoader` when the image brings none or its own programs fail. */
export async function installBootLoader(
  disk: string,
  layout: PartitionImagePlan,
  bootDisks: readonly Disk[],
): Promise<string> {
  const uuids = await partitionUuids(disk, layout.partitions);
  const rootNode = await partitionNode(disk, layout.root);
  const espNode = layout.of.esp && (await partitionNode(disk, layout.of.esp));
  // The programs in the image name the root by its UUID only where udev has left this link.
  await linkByUuid(uuids['root uuid'], rootNode);
  const type = await typeOf(rootNode);
  if (type === undefined) throw new AgentError('bootLoader', `the root partition ${rootNode} holds no file system`);
  return whileMounted([['-t', type, rootNode, root]], async () => {
    if (espNode && (await has('boot/efi/EFI/BOOT/BOOTX64.EFI'))) {
      await whileMounted([['-t', 'vfat', espNode, esp]], () => run('cp', ['-rL', join(root, 'boot/efi/.'), esp]));
      await nameInFstab(uuids);
      return "copied the image's own \\EFI to the EFI system partition";
    }
    const program = await grubInstall();
    const binds = ['dev', 'proc', 'sys'].map((name) => ['-o', 'bind', `/${name}`, join(root, name)]);
    const boot = espNode ? [['-t', 'vfat', espNode, join(root, 'boot/efi')]] : [];
    await whileMounted([...binds, ...boot], async () => {
      const targets = espNode
        ? [['--target=x86_64-efi', '--efi-directory=/boot/efi', '--removable', '--no-nvram']]
        : bootDisks.map(({ name }) => ['--target=i386-pc', name]);
      for (const target of targets) await inside([`${program}-install`, ...target]);
      await inside([`${program}-mkconfig`, '-o', `/boot/${program}/grub.cfg`]);
    });
    await nameInFstab(uuids);
    return `${program}-install from the image, for ${espNode ? 'UEFI' : 'BIOS'}`;
  });
}

async function linkByUuid(uuid: string | undefined, node: string): Promise<void> {
  if (uuid === undefined) return;
  const folder = '/dev/disk/by-uuid';
  await mkdir(folder, { recursive: true });
  await rm(join(folder, uuid), { force: true });
  await symlink(node, join(folder, uuid));
}

async function has(path: string): Promise<boolean> {
  return (await names(join(root, path, '..'))).includes(path.split('/').at(-1) ?? '');
}

/** The name that the image's system gives to GRUB 2's programs. */
async function grubInstall(): Promise<'grub' | 'grub2'> {
  for (const name of ['grub', 'grub2'] as const) {
    if ((await has(`usr/sbin/${name}-install`)) || (await has(`sbin/${name}-install`))) return name;
  }
  throw new AgentError('bootLoader', 'the image brings no boot loader: neither grub-install nor /boot/efi/EFI/BOOT');
}

async function inside(command: readonly string[]): Promise<void> {
  const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' };
  await run('chroot', [root, ...command], { env }).catch((cause: unknown) => {
    const { message, details } = asAgentError(cause);
    throw new AgentError('bootLoader', message, { details, cause });
  });
}

/** So that the system finds its EFI system partition when it updates the boot loader. */
async function nameInFstab(uuids: Readonly<Record<string, string>>): Promise<void> {
  const uuid = uuids['efi system partition uuid'];
  const fstab = join(root, 'etc/fstab');
  if (uuid === undefined || !(await has('etc/fstab'))) return;
  if (/\s\/boot\/efi\s/.test(await readFile(fstab, 'utf8'))) return;
  await appendFile(fstab, `\nUUID=${uuid} /boot/efi vfat umask=0077 0 1\n`);
}
