// The faults of building boot media: what is missing or too long, with what to do about it.

const catalogue = {
  program_missing: {
    hint: 'Install Debian packages xorriso isolinux syslinux-common mtools dosfstools systemd-boot-efi.',
  },
  program_failed: { hint: 'The message is the program’s own; check free space in the folder of the ISO.' },
  command_line_too_long: { hint: 'Shorten kernel_append_params of the node.' },
  template_broken: { hint: 'Remove the template-*.iso files beside the ISO; they are made again.' },
} as const;

/** Name of a fault in this module's catalogue. */
export type BootMediaFault = keyof typeof catalogue;

/** Boot media that cannot be made. */
export class BootMediaError extends Error {
  readonly fault: BootMediaFault;
  readonly hint: string;

  constructor(fault: BootMediaFault, message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.name = 'BootMediaError';
    this.fault = fault;
    this.hint = catalogue[fault].hint;
  }
}
