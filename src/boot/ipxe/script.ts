// Scripts that a machine's network boot loader (iPXE) runs.

export interface BootScript {
  readonly kernelUrl: string;
  readonly initrdUrl: string;
  readonly cmdline: string;
}

/**
 * Loads kernel and initramfs and starts them, trying again for ever: a machine that gave up would need a person. `initrd=rd`
 * is for UEFI, where the kernel finds its initramfs by that name.
 */
export function ipxeBootScript({ kernelUrl, initrdUrl, cmdline }: BootScript): string {
  return [
    '#!ipxe',
    ':again',
    'imgfree',
    `kernel ${kernelUrl} initrd=rd ${cmdline} || goto retry`,
    `initrd --name rd ${initrdUrl} || goto retry`,
    'boot || goto retry',
    ':retry',
    'echo The ramdisk could not be loaded; trying again in 5 s',
    'sleep 5',
    'goto again',
    '',
  ].join('\n');
}

/** For a machine that is not to boot the ramdisk now: leaves iPXE, so that the firmware goes on to the next boot device. */
export function ipxeWaitScript(reason: string): string {
  return [
    '#!ipxe',
    `echo Undercloud: ${reason.replace(/[^\w .:-]/g, ' ')}`,
    'echo Leaving network boot in 3 s',
    'sleep 3',
    'exit 1',
    '',
  ].join('\n');
}

/** For machines that iPXE reaches before it knows which script is theirs: it asks by its MAC. */
export function ipxeEntryUrl(machinesUrl: string): string {
  return `${machinesUrl}/boot/ipxe/\${mac}`;
}
