// Chooses KVM where a probe boot proves that it works here, else software emulation.
import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Type } from '@sinclair/typebox';
import { readJson, writeJson } from '../../folder.ts';
import type { Accelerator } from './command-line.ts';

const Verdict = Type.Object({
  kernel: Type.String(),
  accelerator: Type.Union([Type.Literal('tcg'), Type.Literal('kvm')]),
  reason: Type.String(),
});

/**
 * A boot sector that counts to 2^24 and then leaves through QEMU's debug-exit port with 0x10, which QEMU turns into exit
 * code 33: proof that firmware and guest code ran. `mov ecx,1<<24; dec ecx; jnz; mov dx,0xf4; mov al,0x10; out dx,al; hlt`.
 */
function probeDisk(): Buffer {
  // SeaBIOS does not read a disk that is smaller than a cylinder.
  const disk = Buffer.alloc(1 << 20);
  Buffer.from([0x66, 0xb9, 0, 0, 0, 1, 0x66, 0x49, 0x75, 0xfc, 0xba, 0xf4, 0, 0xb0, 0x10, 0xee, 0xf4, 0xeb, 0xfd]).copy(
    disk,
  );
  disk.writeUInt16LE(0xaa55, 510);
  return disk;
}

const provenExitCode = 33;
/** A boot under a KVM that works takes a tenth of this. */
const probeLimitMs = 3000;

/** Boots the probe under KVM; returns whether its code ran to the end. */
export async function kvmBoots(accelerator: Accelerator = 'kvm'): Promise<boolean> {
  const folder = await mkdtemp(join(tmpdir(), 'undercloud-probe-'));
  try {
    const image = join(folder, 'probe.raw');
    await writeFile(image, probeDisk());
    const child = spawn(
      'qemu-system-x86_64',
      [
        ...[
          '-accel',
          accelerator,
          '-nodefaults',
          '-no-user-config',
          '-display',
          'none',
          '-machine',
          'q35,graphics=off',
          '-m',
          '64',
        ],
        ...[
          '-no-reboot',
          '-device',
          'isa-debug-exit,iobase=0xf4,iosize=0x04',
          '-drive',
          `format=raw,if=none,id=d,file=${image}`,
        ],
        ...['-device', 'virtio-blk-pci,drive=d,bootindex=0'],
      ],
      { stdio: 'ignore', timeout: probeLimitMs, killSignal: 'SIGKILL' },
    );
    const code = await new Promise<number | null>((done) => {
      child.on('error', () => done(null));
      child.on('exit', done);
    });
    return code === provenExitCode;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function mayUseKvm(): boolean {
  try {
    accessSync('/dev/kvm', constants.R_OK | constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** The accelerator for this host; the probe's verdict is kept in `cache` until the kernel changes. */
export async function chooseAccelerator(wish: 'auto' | Accelerator, cache: string): Promise<Accelerator> {
  if (wish !== 'auto') return wish;
  if (!mayUseKvm()) return 'tcg';
  const known = readJson(cache, Verdict);
  if (known?.kernel === release()) return known.accelerator;
  const boots = await kvmBoots();
  writeJson(cache, {
    kernel: release(),
    accelerator: boots ? 'kvm' : 'tcg',
    reason: boots ? 'a probe boot under KVM ran to its end' : 'a probe boot under KVM did not run to its end',
  });
  return boots ? 'kvm' : 'tcg';
}
