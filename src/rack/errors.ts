// Every error the virtual rack can end in, each with what to do next.

/** An error a person reads: what went wrong, and one line of what to do about it. */
export class RackError extends Error {
  override readonly name = 'RackError';
  constructor(
    readonly code: string,
    message: string,
    readonly hint: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

const error = (code: string, message: string, hint: string, cause?: unknown): RackError =>
  new RackError(code, message, hint, cause === undefined ? undefined : { cause });

/** The catalogue: one constructor per kind of failure. */
export const rackErrors = {
  notUp: (folder: string) =>
    error('rack-not-up', `no rack is up in ${folder}`, 'start one: undercloud rack up --machines 3'),
  servedAlready: (name: string, pid: number) =>
    error('rack-served-already', `process ${pid} serves rack ${name} already`, 'undercloud rack status shows it'),
  processGone: (name: string, guests: number) =>
    error(
      'rack-process-gone',
      `rack ${name} has lost its process; ${guests} of its machines still run without a BMC`,
      'undercloud rack up takes them back, undercloud rack down ends them',
    ),
  differentRackUp: (name: string, pid: number, differences: readonly string[]) =>
    error(
      'rack-up-with-other-options',
      `rack ${name} is up (process ${pid}) with other options: ${differences.join('; ')}`,
      'leave the options out to keep it, or take it down first: undercloud rack down',
    ),
  nameInUse: (name: string, what: string) =>
    error(
      'rack-name-in-use',
      `${what} named ${name} exists already and belongs to something else`,
      'take the other rack down (undercloud rack down --data ITS-FOLDER), or choose another --name and --subnet',
    ),
  subnetInUse: (subnet: string, device: string) =>
    error(
      'rack-subnet-in-use',
      `subnet ${subnet} overlaps an address of interface ${device}`,
      'choose another one, for instance --subnet 192.168.25.0/24',
    ),
  badOption: (option: string, reason: string) =>
    error('bad-option', `${option}: ${reason}`, 'see: undercloud rack up --help'),
  noNetworkRights: () =>
    error(
      'no-network-rights',
      'a rack of QEMU machines needs the right to make network interfaces',
      'run as root, or inside `undercloud shell`, or use --kind simulated',
    ),
  noTapDevice: (user: string, exists: boolean) =>
    error(
      'no-tap-device',
      exists ? `${user} may not open /dev/net/tun` : 'this host has no /dev/net/tun',
      exists ? 'as root: chmod 0666 /dev/net/tun (its mode on a stock Debian)' : 'as root: modprobe tun',
    ),
  programMissing: (program: string, debianPackage: string) =>
    error('program-missing', `${program} is not installed`, `apt-get install ${debianPackage}`),
  commandFailed: (command: string, output: string, cause?: unknown) =>
    error(
      'command-failed',
      `${command} failed: ${output.trim() || 'no output'}`,
      'the message is the program’s own',
      cause,
    ),
  machineDidNotStart: (machine: string, output: string, log: string) =>
    error(
      'machine-did-not-start',
      `${machine}: QEMU ended at once: ${output.trim() || 'no output'}`,
      `the whole output is in ${log}`,
    ),
  monitorLost: (machine: string) =>
    error('monitor-lost', `${machine}: QEMU does not answer on its monitor`, 'power the machine off and on again'),
  monitorRefused: (command: string, reason: string) =>
    error('monitor-refused', `QEMU refused ${command}: ${reason}`, 'the console log of the machine may tell more'),
  unknownMachine: (name: string, known: readonly string[]) =>
    error('unknown-machine', `no machine is named ${name}`, `machines: ${known.join(', ')}`),
  unknownFault: (kind: string, known: readonly string[]) =>
    error('unknown-fault', `no fault is named ${kind}`, `faults: ${known.join(', ')}`),
  badFaultValue: (kind: string, value: string, expected: string) =>
    error('bad-fault-value', `${kind}: ${value} is not ${expected}`, `give ${expected}, or off`),
  portTaken: (machine: string, port: number, cause: unknown) =>
    error(
      'bmc-port-taken',
      `${machine}: port ${port} of its BMC is taken by another program`,
      'end that program, or start afresh: undercloud rack down --wipe',
      cause,
    ),
  /** `output` is what the rack process wrote; where it ended with an error of this catalogue, that is the error. */
  didNotServe: (log: string, output: string) => {
    const [, message, hint] = /^undercloud: (.+)(?:\n {2}(.+))?$/m.exec(output) ?? [];
    return error(
      'rack-did-not-serve',
      message ?? `the rack process did not come up: ${output.trim() || 'no output'}`,
      hint ?? `its log is ${log}`,
    );
  },
  badFile: (path: string, reason: string) =>
    error(
      'bad-rack-file',
      `${path} is not what the rack wrote: ${reason}`,
      'start afresh: undercloud rack down --wipe',
    ),
  pathTooLong: (path: string) =>
    error(
      'path-too-long',
      `${path} is longer than a Unix socket's name may be (107 bytes)`,
      'choose a shorter --data folder',
    ),
  mediaDownload: (url: string, reason: string) =>
    error(
      'media-download-failed',
      `cannot download ${url}: ${reason}`,
      'check that the address answers from this host',
    ),
  noUserNamespaces: (output: string) =>
    error(
      'no-user-namespaces',
      `this kernel gives no user namespace: ${output.trim()}`,
      'as root: sysctl kernel.unprivileged_userns_clone=1 user.max_user_namespaces=10000 (and on Ubuntu kernel.apparmor_restrict_unprivileged_userns=0)',
    ),
  controlRefused: (message: string, hint: string) => error('rack-refused', message, hint),
} as const;
