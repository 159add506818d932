// What the disk of a guest takes: the same image written by plain programs, in the same ramdisk on the same virtual hardware.
import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm, stat, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Client } from '../../src/cli/client/index.ts';
import { acceleratorWords } from '../../src/rack/machine/qemu/command-line.ts';

export interface PlainWrite {
  /** `dd` from one disk to another, the whole raw image, in seconds. */
  readonly ddS: number;
  /** The compressed image from one disk, decoded to another, in seconds. */
  readonly decodeS: number;
  readonly rawBytes: number;
  readonly compressedBytes: number;
}

const limitMs = 300_000;

/** Boots a guest on the deploy ramdisk with a shell in place of the agent, and writes the image twice. */
export async function plainWrite(client: Client, image: string): Promise<PlainWrite> {
  const folder = await mkdtemp(join(tmpdir(), 'undercloud-bench-'));
  const at = (name: string) => join(folder, name);
  try {
    await fetchImage(client, 'deploy-kernel', at('kernel'));
    await fetchImage(client, 'deploy-ramdisk', at('ramdisk'));
    await fetchImage(client, image, at('image.zst'));
    await run('zstd', ['-q', '-d', at('image.zst'), '-o', at('image.raw')]);
    const compressedBytes = (await stat(at('image.zst'))).size;
    const rawBytes = (await stat(at('image.raw'))).size;
    await truncate(at('image.zst'), Math.ceil(compressedBytes / 512) * 512);
    await run('truncate', ['-s', '8G', at('target')]);
    const said = await inGuest(
      [
        ...['-kernel', at('kernel'), '-initrd', at('ramdisk'), '-append', 'console=ttyS0 quiet rdinit=/bin/sh'],
        ...disk(at('target'), 'cache=unsafe'),
        ...disk(at('image.raw'), 'readonly=on'),
        ...disk(at('image.zst'), 'readonly=on'),
      ],
      `export PATH=/bin; mount -t devtmpfs dev /dev; mount -t proc proc /proc; mount -t sysfs sys /sys
       modprobe -a virtio_pci virtio_blk; until [ -b /dev/vdc ]; do sleep 0.1; done
       now() { cut -d' ' -f1 /proc/uptime; }
       a=$(now); dd if=/dev/vdb of=/dev/vda bs=1M conv=fsync 2>/dev/null; b=$(now)
       dd if=/dev/vdc bs=1M 2>/dev/null | zstd -dcq 2>/dev/null | dd of=/dev/vda bs=1M conv=fsync 2>/dev/null; c=$(now)
       echo "times $a $b $c end"; echo o >/proc/sysrq-trigger`,
    );
    const times = /times ([\d.]+) ([\d.]+) ([\d.]+) end/.exec(said)?.slice(1).map(Number);
    const [a = 0, b = 0, c = 0] = times ?? [];
    if (!times) throw new Error(`the guest told no times; it said:\n${said.slice(-2000)}`);
    return { ddS: b - a, decodeS: c - b, rawBytes, compressedBytes };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function fetchImage(client: Client, name: string, to: string): Promise<void> {
  const { images } = await client.get('image', `/v2/images?name=${name}&status=active`);
  if (images.length === 0) throw new Error(`there is no image ${name}; build it first: undercloud image build`);
  await pipeline(await client.open('image', `/v2/images/${images[0].id}/file`), createWriteStream(to));
}

function disk(file: string, options: string): string[] {
  return ['-drive', `file=${file},format=raw,if=virtio,${options}`];
}

/** Types the script into the shell on the guest's serial line; what came back when the guest has switched itself off. */
async function inGuest(words: readonly string[], script: string): Promise<string> {
  const machine = ['-machine', 'q35,graphics=off', '-smp', '1', '-m', '768', '-nodefaults', '-display', 'none'];
  const guest = spawn(
    'qemu-system-x86_64',
    [...acceleratorWords.tcg, ...machine, '-no-reboot', '-serial', 'stdio', ...words],
    { stdio: ['pipe', 'pipe', 'inherit'], timeout: limitMs, killSignal: 'SIGKILL' },
  );
  let said = '';
  let typed = false;
  guest.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString();
    if (typed || !/# $/.test(said)) return;
    typed = true;
    guest.stdin.write(`${script.replaceAll(/\n\s*/g, '; ')}\n`);
  });
  await new Promise((resolve) => guest.once('close', resolve));
  return said;
}

async function run(program: string, words: readonly string[]): Promise<void> {
  const child = spawn(program, words, { stdio: 'inherit' });
  const status = await new Promise<number | null>((resolve) => child.once('close', resolve));
  if (status !== 0) throw new Error(`${program} ended with ${status}`);
}
