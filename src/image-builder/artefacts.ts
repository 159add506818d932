// Turns a finished tree into the files that the image service gets.

import { existsSync } from 'node:fs';
import { copyFile, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { compressHead, digestFile } from './compress.ts';
import { assembleDisk, makeRootFileSystem, sectorBytes, slotCommandLine } from './disk/index.ts';
import { ImageBuildError } from './errors.ts';
import type { BuildProgress, ImageArtefact, ImageBuildOptions } from './options.ts';
import { runLogged } from './step/index.ts';

/** Decompression speed hardly depends on the level; 6 is where size stops falling faster than build time rises. */
const zstdLevel = 6;
const gibibyte = 1 << 30;

/** What artefacts are made from. */
export interface ArtefactRequest {
  readonly options: ImageBuildOptions;
  readonly tree: string;
  readonly digest: string;
  readonly work: string;
  readonly log: string;
  readonly progress: BuildProgress;
}

/** Assembles, compresses and describes the disk image. */
export async function diskArtefacts(request: ArtefactRequest): Promise<ImageArtefact[]> {
  const { options, tree, work, log } = request;
  if (!existsSync(join(tree, 'boot/initrd')))
    throw new ImageBuildError('output_missing', `the image "${options.name}" has no /boot/initrd`);
  const raw = join(work, 'disk.raw');
  const disk = await timed(request, 'assemble disk', () =>
    assembleDisk({ root: tree, output: raw, work, sizes: options.sizes, commandLine: options.commandLine, log }),
  );
  const path = join(options.folder, `${options.name}.raw.zst`);
  const digest = await timed(request, 'compress', () => compressHead(raw, path, disk.contentEndBytes, zstdLevel));
  await handOver(request, raw);
  const places = disk.partitions.map((part): [string, string] => [
    `undercloud_${part.name.replace('-', '_')}`,
    `${part.offsetBytes / sectorBytes}+${part.sizeBytes / sectorBytes}`,
  ]);
  return [
    {
      name: options.name,
      path,
      diskFormat: 'raw',
      containerFormat: 'compressed',
      sizeBytes: digest.sizeBytes,
      osHashAlgo: 'sha512',
      osHashValue: digest.sha512,
      minDisk: Math.ceil(disk.diskBytes / gibibyte),
      minRam: 512,
      properties: {
        undercloud_layout: '1',
        undercloud_image_id: (await readFile(join(tree, 'usr/lib/undercloud/image-id'), 'utf8')).trim(),
        undercloud_sector_size: String(sectorBytes),
        ...Object.fromEntries(places),
        undercloud_content_bytes: String(disk.contentEndBytes),
        undercloud_kernel: '/boot/vmlinuz',
        undercloud_initrd: '/boot/initrd',
        undercloud_cmdline: slotCommandLine('a', options.commandLine),
        undercloud_build: request.digest,
        os_distro: 'debian',
        hw_firmware_type: 'any',
      },
    },
  ];
}

/** Room for the boot loader, which comes to `/boot` when the image is deployed, and for a start before the file system has grown. */
const freeMib = 64;

/** Packs the tree as one file system. */
export async function partitionArtefacts(request: ArtefactRequest): Promise<ImageArtefact[]> {
  const { options, tree, work, log } = request;
  const raw = join(work, 'root.ext4');
  await writeFile(raw, '');
  const bytes = await timed(request, 'root file system', () =>
    makeRootFileSystem({
      ...{ tree, output: raw, log, label: 'root', features: 'has_journal', offsetBytes: 0, freeMib },
      mostBytes: options.sizes.rootMib << 20,
    }),
  );
  const path = join(options.folder, `${options.name}.ext4.zst`);
  const digest = await timed(request, 'compress', () => compressHead(raw, path, bytes, zstdLevel));
  await handOver(request, raw);
  return [
    {
      ...{ name: options.name, path, diskFormat: 'raw', containerFormat: 'compressed' },
      ...{ sizeBytes: digest.sizeBytes, osHashAlgo: 'sha512', osHashValue: digest.sha512 },
      ...{ minDisk: Math.ceil(bytes / gibibyte), minRam: 512 },
      properties: {
        img_type: 'partition',
        undercloud_build: request.digest,
        os_distro: 'debian',
        hw_firmware_type: 'any',
      },
    },
  ];
}

/** Leaves the uncompressed image where the caller wants it, else nowhere. */
async function handOver(request: ArtefactRequest, raw: string): Promise<void> {
  const { rawOutput } = request.options;
  if (rawOutput) {
    const copy = ['cp', '--sparse=always', raw, rawOutput];
    const what = `copy to ${rawOutput}`;
    await timed(request, 'copy image', () => runLogged(copy, { PATH: '/usr/bin:/bin' }, what, request.log));
  }
  await rm(raw);
}

/** Copies kernel and initramfs of the deploy ramdisk out of the tree. */
export async function ramdiskArtefacts(request: ArtefactRequest): Promise<ImageArtefact[]> {
  const { options, tree } = request;
  const wanted = [
    { name: 'deploy-kernel', from: 'boot/vmlinuz', format: 'aki' },
    { name: 'deploy-ramdisk', from: 'boot/ramdisk', format: 'ari' },
  ] as const;
  return timed(request, 'copy kernel and ramdisk', () =>
    Promise.all(
      wanted.map(async ({ name: usual, from, format }): Promise<ImageArtefact> => {
        // A ramdisk of another name stands beside the one that machines get unless told otherwise.
        const name = options.name === 'deploy-ramdisk' ? usual : `${options.name}-${usual}`;
        const path = join(options.folder, name);
        if (!existsSync(join(tree, from)))
          throw new ImageBuildError('output_missing', `the build "${options.name}" left no /${from}`);
        await copyFile(join(tree, from), path);
        const digest = await digestFile(path);
        return {
          name,
          path,
          diskFormat: format,
          containerFormat: format,
          sizeBytes: digest.sizeBytes,
          osHashAlgo: 'sha512',
          osHashValue: digest.sha512,
          minDisk: 0,
          minRam: 0,
          properties: { undercloud_build: request.digest },
        };
      }),
    ),
  );
}

async function timed<T>({ progress }: ArtefactRequest, step: string, work: () => Promise<T>): Promise<T> {
  const began = performance.now();
  progress({ kind: 'started', step, done: 0, total: 1 });
  const result = await work();
  progress({ kind: 'finished', step, seconds: (performance.now() - began) / 1000, done: 1, total: 1 });
  return result;
}
