// Everything that an agent refuses or fails at, with the status and the hint that its caller gets.

const catalogue = {
  unreachable: { code: 503, type: 'Unreachable', hint: 'Check the network between this machine and the server.' },
  refused: { code: 502, type: 'Refused', hint: 'The server answered with an error; its log says more.' },
  malformed: { code: 400, type: 'InvalidContent', hint: 'Compare the message with the protocol of this version.' },
  unauthorized: { code: 401, type: 'Unauthorized', hint: 'Send the agent_token that this agent got at its lookup.' },
  unknownCommand: { code: 400, type: 'InvalidCommandError', hint: 'GET /v1/status tells the version of this agent.' },
  notFound: {
    code: 404,
    type: 'RequestedObjectNotFoundError',
    hint: 'GET /v1/commands lists the commands known here.',
  },
  busy: { code: 409, type: 'AgentIsBusy', hint: 'Wait for the running command, then send this one again.' },
  invalidParams: {
    code: 400,
    type: 'InvalidCommandParamsError',
    hint: 'Correct the parameters and send the command again.',
  },
  noDisk: {
    code: 404,
    type: 'DeviceNotFound',
    hint: "Compare the node's root device hints with the inventory's disks.",
  },
  diskTooSmall: {
    code: 500,
    type: 'ImageTooLarge',
    hint: 'Choose a larger disk by root device hints, or a smaller image.',
  },
  download: {
    code: 500,
    type: 'ImageDownloadError',
    hint: 'Check that the image server serves this image to the machine.',
  },
  checksum: {
    code: 500,
    type: 'ImageChecksumError',
    hint: 'The image changed on its way or in the store: upload it again.',
  },
  write: { code: 500, type: 'ImageWriteError', hint: "The disk may be failing: look at the machine's kernel log." },
  layout: {
    code: 500,
    type: 'DeploymentError',
    hint: 'Rebuild the image, or deploy without keeping the state partition.',
  },
  bootLoader: {
    code: 500,
    type: 'BootLoaderError',
    hint: 'Put grub-pc-bin or grub-efi-amd64-bin, grub2-common and a kernel into the image, or deploy a whole-disk image.',
  },
  raid: {
    code: 500,
    type: 'SoftwareRAIDError',
    hint: 'Run the step raid.delete_configuration first, then create the arrays anew.',
  },
  missingProgram: { code: 500, type: 'CommandExecutionError', hint: 'Add the program to the deploy ramdisk.' },
  programFailed: { code: 500, type: 'CommandExecutionError', hint: 'The details hold what the program printed.' },
  unsupported: { code: 501, type: 'UnsupportedError', hint: 'Use another way that this agent offers.' },
  cleanVersion: { code: 409, type: 'CleanVersionMismatch', hint: 'Ask for the clean steps again and start anew.' },
  configDrive: {
    code: 500,
    type: 'InvalidConfigDrive',
    hint: 'Send base64 of an ISO 9660 or FAT file system, gzipped or not.',
  },
  metadata: {
    code: 500,
    type: 'InvalidMetadata',
    hint: 'Metadata must be a JSON object: look at what the source serves.',
  },
  template: { code: 500, type: 'TemplateError', hint: 'Correct the template or the metadata that it reads.' },
  valueType: {
    code: 500,
    type: 'ValueTypeError',
    hint: 'Correct the value in the metadata, or ask for another --type.',
  },
  refresh: {
    code: 500,
    type: 'RefreshError',
    hint: "The script's output above says why; it runs again with the next metadata.",
  },
  locked: { code: 409, type: 'Locked', hint: 'Another run is under way; wait for it.' },
  internal: { code: 500, type: 'UnhandledError', hint: 'This is a bug in the agent; its log has the stack.' },
} as const;

export type AgentErrorName = keyof typeof catalogue;

/** A failure with a name from the catalogue; `details` may hold the output of a program. */
export class AgentError extends Error {
  readonly code: number;
  readonly type: string;
  readonly hint: string;
  readonly details: string;

  constructor(
    readonly kind: AgentErrorName,
    message: string,
    options: { readonly details?: string; readonly cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    const entry = catalogue[kind];
    this.name = 'AgentError';
    this.code = entry.code;
    this.type = entry.type;
    this.hint = entry.hint;
    this.details = options.details ? `${message}\n${options.details}` : message;
  }
}

/** Any thrown thing as an AgentError; what is not one already is a bug and is named `internal`. */
export function asAgentError(thrown: unknown): AgentError {
  if (thrown instanceof AgentError) return thrown;
  if (!(thrown instanceof Error)) return new AgentError('internal', String(thrown));
  return new AgentError('internal', thrown.message, { details: thrown.stack ?? '', cause: thrown });
}
