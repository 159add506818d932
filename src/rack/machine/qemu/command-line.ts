// The command line of one QEMU guest: values in, words out.
import type { MachineFolder } from '../../folder.ts';
import type { MachineSpec } from '../../spec.ts';
import type { BootDevice, BootPlan, MachineFaults } from '../contract.ts';

export type Accelerator = 'tcg' | 'kvm';

/** Id of the drive whose medium changes while the guest runs. */
export const cdId = 'cd0';

/** What QEMU writes to its log when the guest's system has shut down, or someone has asked QEMU to end. */
export const shutdownTrace = 'qemu_system_shutdown_request';

export interface GuestPlan {
  readonly machine: MachineSpec;
  readonly folder: MachineFolder;
  readonly boot: BootPlan;
  readonly faults: MachineFaults;
  readonly accelerator: Accelerator;
  readonly now: Date;
}

// A small translation cache keeps a 768 MiB guest below 300 MB resident; a larger one boots no faster. The random-number
// instructions spare the guest's kernel its slow gathering of entropy; richer processor models cost emulation 40 % more.
export const acceleratorWords: Readonly<Record<Accelerator, readonly string[]>> = {
  // RDRAND: without it mkfs and Node wait seconds for the guest's first entropy. No AES or AVX: emulated, they only cost.
  tcg: ['-accel', 'tcg,thread=multi,tb-size=128', '-cpu', 'qemu64,+rdrand,+ssse3,+sse4.1,+sse4.2,+popcnt'],
  kvm: ['-accel', 'kvm', '-cpu', 'host'],
};

const ovmfCode = '/usr/share/OVMF/OVMF_CODE_4M.fd';
/** Where Debian keeps the template of UEFI's variables; each machine gets its own copy. */
export const ovmfVariables = '/usr/share/OVMF/OVMF_VARS_4M.fd';

function firmwareWords(plan: GuestPlan): string[] {
  if (plan.boot.firmware === 'bios') return [];
  return [
    ...['-drive', `if=pflash,unit=0,format=raw,readonly=on,file=${quote(ovmfCode)}`],
    ...['-drive', `if=pflash,unit=1,format=raw,file=${quote(plan.folder.variables)}`],
  ];
}

/** QEMU's option lists take a comma in a value as two. */
function quote(value: string): string {
  return value.replaceAll(',', ',,');
}

const diskDevice = { virtio: 'virtio-blk-pci', nvme: 'nvme' } as const;

/** A disk that fails answers every write and read with an I/O error, from a layer below the disk's format. */
function diskWords(plan: GuestPlan): string[] {
  const there = plan.machine.disks.map((_, index) => index).filter((index) => index + 1 !== plan.faults.lostDisk);
  return there.flatMap((index) => {
    const file = { driver: 'file', filename: plan.folder.disk(index), cache: { 'no-flush': true }, discard: 'unmap' };
    const failing = { driver: 'blkdebug', image: file, 'inject-error': [{ event: 'none', errno: 5, once: false }] };
    const node = {
      driver: 'raw',
      'node-name': `image${index}`,
      file: plan.faults.diskFailing ? failing : file,
      discard: 'unmap',
      cache: { 'no-flush': true },
    };
    const boot = index === there[0] ? bootIndex(plan.boot, 'disk') : '';
    return [
      '-blockdev',
      JSON.stringify(node),
      '-device',
      `${diskDevice[plan.machine.diskBus ?? 'virtio']},drive=image${index},id=disk${index},serial=${plan.machine.serial}-${index}${boot}`,
    ];
  });
}

/** QEMU's `-rtc base=` takes UTC without a zone. */
function clockWords({ faults, now }: GuestPlan): string[] {
  if (faults.clockSkewS === 0) return [];
  return ['-rtc', `base=${new Date(now.getTime() + faults.clockSkewS * 1000).toISOString().slice(0, 19)}`];
}

function nicWords(plan: GuestPlan): string[] {
  return plan.machine.nics.flatMap((nic, index) => [
    ...['-netdev', `tap,id=net${index},ifname=${nic.tap},script=no,downscript=no`],
    ...[
      '-device',
      `virtio-net-pci,netdev=net${index},id=nic${index},mac=${nic.mac}${index === 0 ? bootIndex(plan.boot, 'network') : ''}`,
    ],
  ]);
}

function bootIndex(plan: BootPlan, device: BootDevice): string {
  const index = plan.order.indexOf(device);
  return index < 0 ? '' : `,bootindex=${index}`;
}

/**
 * The words after the program's name. The guest starts halted, so that links and media are set before its first
 * instruction. A reset ends QEMU and the rack starts it anew: SeaBIOS answers a reset inside QEMU with up to three more of
 * its own, in which an order for one boot would be lost, and is slower than a fresh start.
 */
export function guestCommand(plan: GuestPlan): string[] {
  const { machine, folder } = plan;
  return [
    ...[
      '-name',
      machine.name,
      '-uuid',
      machine.uuid,
      '-S',
      '-no-reboot',
      '-nodefaults',
      '-no-user-config',
      '-display',
      'none',
    ],
    ...['-trace', `enable=${shutdownTrace}`],
    ...acceleratorWords[plan.accelerator],
    ...['-machine', 'q35,graphics=off', '-smp', '1', '-m', String(machine.memoryMb), '-boot', 'strict=on'],
    ...[
      '-smbios',
      `type=1,manufacturer=Undercloud,product=Virtual machine,serial=${machine.serial},uuid=${machine.uuid}`,
    ],
    ...clockWords(plan),
    ...firmwareWords(plan),
    ...diskWords(plan),
    ...nicWords(plan),
    ...['-device', 'virtio-scsi-pci,id=scsi0', '-device', `scsi-cd,id=${cdId}${bootIndex(plan.boot, 'cd')}`],
    ...[
      '-chardev',
      `socket,id=tty,path=${quote(folder.console)},server=on,wait=off,logfile=${quote(folder.consoleLog)},logappend=on`,
    ],
    ...['-serial', 'chardev:tty', '-qmp', `unix:${quote(folder.monitor)},server=on,wait=off`],
  ];
}
