// The files a machine boots its ramdisk from: kernel and initramfs out of the image service, and an ISO of its own.
import { createHash, randomUUID, X509Certificate } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { access, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { OperationFailed } from '../../operations/index.ts';
import type { ImageFacts, Parts } from '../parts.ts';
import { type NodeRow, tables } from '../store.ts';

export interface BootImages {
  /** Paths of the cached files. */
  readonly kernel: string;
  readonly ramdisk: string;
  /** Their names below `/boot/files/` of the machines' listener. */
  readonly kernelName: string;
  readonly ramdiskName: string;
}

type BootParts = Pick<Parts, 'boot' | 'images' | 'database'>;

/** Kernel and initramfs for this node, copied into the cache when they are not there. Throws OperationFailed naming what is missing. */
export async function bootImages(
  parts: BootParts,
  node: Pick<NodeRow, 'driver_info'> | undefined,
): Promise<BootImages> {
  if (parts.boot.machinesUrl === undefined) {
    throw new OperationFailed(
      'There is no provisioning network on which a machine could boot.',
      'Start the program with --provision.',
    );
  }
  const [kernelName, ramdiskName] = await Promise.all([
    cached(parts, 'deploy_kernel', text(node?.driver_info.deploy_kernel) ?? parts.boot.deployKernel),
    cached(parts, 'deploy_ramdisk', text(node?.driver_info.deploy_ramdisk) ?? parts.boot.deployRamdisk),
  ]);
  const folder = parts.boot.cacheFolder;
  return { kernel: join(folder, kernelName), ramdisk: join(folder, ramdiskName), kernelName, ramdiskName };
}

async function cached(parts: BootParts, role: string, name: string): Promise<string> {
  const image = await parts.images.find(name);
  if (image?.status !== 'active') {
    throw new OperationFailed(
      `Image "${name}" for the ${role} of the ramdisk is ${image ? image.status : 'not in the image service'}.`,
      `Register the deploy ramdisk, or set ${role} in driver_info.`,
    );
  }
  const file = fileName(image);
  const path = join(parts.boot.cacheFolder, file);
  if (await exists(path)) return file;
  await mkdir(parts.boot.cacheFolder, { recursive: true });
  const partial = partialOf(path);
  try {
    await pipeline(await parts.images.openData(image.id), createWriteStream(partial));
    await rename(partial, path);
  } finally {
    await rm(partial, { force: true });
  }
  return file;
}

/** Changes with the image's content, so that a new ramdisk under the old name is a new file. */
function fileName(image: ImageFacts): string {
  return createHash('sha256')
    .update(`${image.id} ${image.osHashValue ?? image.checksum ?? ''}`)
    .digest('hex')
    .slice(0, 32);
}

/** A name for the file while it is written: whoever makes the same file meanwhile writes another. */
function partialOf(path: string): string {
  return `${path}.${randomUUID()}.partial`;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** What the ramdisk's kernel is told; without a node, on a machine that nobody has enrolled. `mac` in place of a variable where the loader does not know it. */
export function kernelCommandLine(
  parts: Pick<Parts, 'boot'>,
  node: Pick<NodeRow, 'uuid' | 'provision_state' | 'driver_info'> | undefined,
  mac: string,
): string {
  const { machinesUrl, agents, kernelArguments } = parts.boot;
  const apiUrl = agents?.url ?? machinesUrl;
  // Of a machine that is no node yet all is to be found out.
  const inspecting = !node || node.provision_state === 'inspect wait' || node.provision_state === 'inspecting';
  return [
    `ipa-api-url=${apiUrl}`,
    ...(agents ? [`undercloud.ca=${new X509Certificate(agents.authority).raw.toString('base64')}`] : []),
    ...(node ? [`ipa-node-uuid=${node.uuid}`] : []),
    `BOOTIF=${mac}`,
    ...(inspecting ? [`ipa-inspection-callback-url=${apiUrl}/v1/continue_inspection`] : []),
    kernelArguments,
    text(node?.driver_info.kernel_append_params) ?? '',
  ]
    .filter((word) => word !== '')
    .join(' ');
}

/** MAC of the NIC that a node boots from: the first port with pxe_enabled. */
async function bootMac(parts: Pick<Parts, 'database'>, uuid: string): Promise<string | undefined> {
  const port = await tables(parts.database)
    .selectFrom('baremetal_ports')
    .select('address')
    .where('node_uuid', '=', uuid)
    .orderBy('pxe_enabled', 'desc')
    .orderBy('id')
    .executeTakeFirst();
  return port?.address;
}

/** Builds the node's ISO (unless it is there) and answers its URL on the machines' listener. Throws OperationFailed. */
export async function bootIsoUrl(parts: BootParts, node: NodeRow): Promise<string> {
  await bootIso(parts, node);
  return `${parts.boot.machinesUrl}/boot/media/${node.uuid}.iso`;
}

/** Path of the node's ISO, made on demand. One of a node's ISOs is kept at a time. */
export async function bootIso(parts: BootParts, node: NodeRow): Promise<string> {
  if (!parts.boot.buildBootIso) {
    throw new OperationFailed('This server cannot build boot media.', 'Install xorriso, or use boot_interface ipxe.');
  }
  const images = await bootImages(parts, node);
  const mac = (await bootMac(parts, node.uuid)) ?? '';
  const cmdline = kernelCommandLine(parts, node, mac);
  const digest = createHash('sha256')
    .update(`${images.kernelName} ${images.ramdiskName} ${cmdline}`)
    .digest('hex')
    .slice(0, 16);
  const folder = join(parts.boot.cacheFolder, 'media');
  const output = join(folder, `${node.uuid}-${digest}.iso`);
  if (await exists(output)) return output;
  await mkdir(folder, { recursive: true });
  const partial = partialOf(output);
  try {
    await parts.boot.buildBootIso({ kernel: images.kernel, initrd: images.ramdisk, cmdline, output: partial });
    for (const old of await readdir(folder)) {
      if (old.startsWith(node.uuid) && old.endsWith('.iso')) await rm(join(folder, old), { force: true });
    }
    await rename(partial, output);
  } finally {
    await rm(partial, { force: true });
  }
  return output;
}

/** Removes what was copied for a node that is gone. */
export async function forgetBootIso(parts: Pick<Parts, 'boot'>, uuid: string): Promise<void> {
  const folder = join(parts.boot.cacheFolder, 'media');
  if (!(await exists(folder))) return;
  for (const file of await readdir(folder)) if (file.startsWith(uuid)) await rm(join(folder, file), { force: true });
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
