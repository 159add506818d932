// The boot loaders' configuration: one entry per slot, the same kernel and initrd for BIOS and UEFI.

export type Slot = 'a' | 'b';

/** Kernel command line of a slot; `extra` is the image's own part. */
export function slotCommandLine(slot: Slot, extra: string): string {
  return [`undercloud.slot=${slot}`, extra].filter(Boolean).join(' ');
}

/** syslinux.cfg on the ESP; syslinux reads the labels, an upgrade changes only DEFAULT. */
export function syslinuxConfig(active: Slot, extra: string): string {
  const entry = (slot: Slot): string[] => [
    `LABEL ${slot}`,
    `  LINUX /slots/${slot}/vmlinuz`,
    `  INITRD /slots/${slot}/initrd`,
    `  APPEND ${slotCommandLine(slot, extra)}`,
  ];
  return [`DEFAULT ${active}`, 'PROMPT 0', 'TIMEOUT 0', ...entry('a'), ...entry('b'), ''].join('\n');
}

/** loader/entries/NAME of the Boot Loader Specification for one slot. */
export function loaderEntry(slot: Slot, extra: string): string {
  return [
    `title Slot ${slot.toUpperCase()}`,
    `linux /slots/${slot}/vmlinuz`,
    `initrd /slots/${slot}/initrd`,
    `options ${slotCommandLine(slot, extra)}`,
    '',
  ].join('\n');
}

/** loader/loader.conf of systemd-boot. */
export function loaderConfig(active: Slot): string {
  return [`default slot-${active}.conf`, 'timeout 0', 'editor no', ''].join('\n');
}
