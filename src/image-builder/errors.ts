// The faults of an image build: what went wrong, with what to do about it.

const catalogue = {
  element_missing: { hint: 'Give the folder that holds it with --elements-path, or in ELEMENTS_PATH.' },
  element_loop: { hint: 'Remove one of these element-deps.' },
  element_conflict: { hint: 'Leave out one of the two elements.' },
  operating_system_missing: {
    hint: 'Add --element debian-minimal, or another element that provides operating-system.',
  },
  package_installs_invalid: { hint: 'See docs/reference/image-elements.md for the keys of package-installs.yaml.' },
  program_missing: { hint: 'Install the named Debian packages and run the build again.' },
  root_needed: { hint: 'Run the build as root: it enters the tree with chroot and keeps its owners.' },
  step_failed: {
    hint: 'The log has the whole output. After the cause is fixed the build goes on from the last finished layer.',
  },
  image_too_large: { hint: 'Give more room with --root-size, or leave out packages.' },
  agent_missing: { hint: 'Run `npm run build` first: it makes the bundles that go into images.' },
  output_missing: { hint: 'A disk image needs the slot-root element; a ramdisk needs the deploy-ramdisk element.' },
} as const;

/** Name of a fault in this module's catalogue. */
export type ImageBuildFault = keyof typeof catalogue;

/** An image build that cannot go on. `fault` names the reason, `hint` says what to do next, `cause` is kept. */
export class ImageBuildError extends Error {
  readonly fault: ImageBuildFault;
  readonly hint: string;

  constructor(fault: ImageBuildFault, message: string, options: { cause?: unknown; hint?: string } = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.name = 'ImageBuildError';
    this.fault = fault;
    this.hint = options.hint ?? catalogue[fault].hint;
  }
}
