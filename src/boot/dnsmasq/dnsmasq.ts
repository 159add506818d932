// Runs dnsmasq for one provisioning network, as a child that dies with us.
import { type ChildProcess, spawn } from 'node:child_process';
import { copyFile, mkdir, rename, writeFile } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { dnsmasqConfig, hostsFile, type ProvisioningNetwork, type StaticLease } from './config.ts';
import { DnsmasqError } from './errors.ts';

export interface Dnsmasq {
  readonly pid: number;
  /** Replaces the static leases; machines get them from their next request on. */
  setLeases(leases: readonly StaticLease[]): Promise<void>;
  /** Resolves when the child has ended, with the reason when nobody asked it to. */
  readonly ended: Promise<DnsmasqError | undefined>;
  stop(): Promise<void>;
}

export interface DnsmasqOptions {
  readonly network: ProvisioningNetwork;
  /** For the configuration, leases and the loaders offered by TFTP. */
  readonly folder: string;
  /** What iPXE loads, with iPXE's own variables in it. */
  readonly scriptUrl: string;
  /** Folder of Debian's ipxe package. */
  readonly loaders?: string;
  readonly program?: string;
  readonly log?: (line: string) => void;
}

const loaderFiles = ['undionly.kpxe', 'snponly.efi'];
const startMs = 5_000;

/** Starts dnsmasq. Throws DnsmasqError: the interface, the address, the program or the loaders are missing, or it ends at once. */
export async function startDnsmasq(options: DnsmasqOptions): Promise<Dnsmasq> {
  const { network, folder, scriptUrl, loaders = '/usr/lib/ipxe', program = 'dnsmasq', log = () => undefined } = options;
  requireInterface(network);
  const tftpFolder = join(folder, 'tftp');
  const paths = { tftpFolder, hostsFile: join(folder, 'dhcp-hosts'), leaseFile: join(folder, 'dhcp-leases') };
  await mkdir(tftpFolder, { recursive: true });
  await copyLoaders(loaders, tftpFolder);
  await writeFile(paths.hostsFile, '');
  const configFile = join(folder, 'dnsmasq.conf');
  await writeFile(configFile, dnsmasqConfig(network, paths, scriptUrl));

  const child = spawn(
    'setpriv',
    [
      '--pdeathsig=TERM',
      program,
      '--keep-in-foreground',
      '--log-facility=-',
      '--user=root',
      '--group=root',
      '--pid-file=',
      `--conf-file=${configFile}`,
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const tail: string[] = [];
  let stopping = false;
  const ended = whenEnded(child, network, program, tail, () => stopping);
  await started(child, ended, tail, log);

  return {
    pid: child.pid ?? 0,
    ended,
    async setLeases(leases) {
      await writeFile(`${paths.hostsFile}.new`, hostsFile(leases));
      await rename(`${paths.hostsFile}.new`, paths.hostsFile);
      child.kill('SIGHUP');
    },
    async stop() {
      stopping = true;
      child.kill('SIGTERM');
      await ended;
    },
  };
}

function requireInterface(network: ProvisioningNetwork): void {
  const addresses = networkInterfaces()[network.interface];
  if (!addresses) {
    const known = Object.keys(networkInterfaces()).join(', ');
    throw new DnsmasqError(
      `There is no interface ${network.interface} with an address on this host (there are ${known}).`,
      'Name the one on the provisioning network: up --provision IFACE.',
    );
  }
  if (!addresses.some(({ address }) => address === network.address)) {
    throw new DnsmasqError(
      `Interface ${network.interface} does not have the address ${network.address} of the provisioning network.`,
      `Add it: ip address add ${network.address}/${network.cidr.split('/')[1]} dev ${network.interface}.`,
    );
  }
}

async function copyLoaders(from: string, to: string): Promise<void> {
  for (const file of loaderFiles) {
    try {
      await copyFile(join(from, file), join(to, file));
    } catch (cause) {
      throw new DnsmasqError(
        `The network boot loader ${join(from, file)} cannot be read.`,
        "Install Debian's package ipxe.",
        { cause },
      );
    }
  }
}

/** dnsmasq says so when it serves; one that ends first could not. */
async function started(
  child: ChildProcess,
  ended: Promise<DnsmasqError | undefined>,
  tail: string[],
  log: (line: string) => void,
): Promise<void> {
  const lines = child.stderr ? createInterface({ input: child.stderr }) : undefined;
  const serving = new Promise<undefined>((resolve) => {
    const timer = setTimeout(() => resolve(undefined), startMs).unref();
    lines?.on('line', (line) => {
      tail.push(line);
      if (tail.length > 20) tail.shift();
      log(line);
      if (/ (DHCP|TFTP), |dnsmasq-tftp.*root is/.test(line) || /started, version/.test(line)) {
        clearTimeout(timer);
        // It reads its hosts file and opens its sockets before this line.
        resolve(undefined);
      }
    });
  });
  const failure = await Promise.race([serving, ended]);
  if (failure) throw failure;
}

function whenEnded(
  child: ChildProcess,
  network: ProvisioningNetwork,
  program: string,
  tail: readonly string[],
  wanted: () => boolean,
): Promise<DnsmasqError | undefined> {
  return new Promise((resolve) => {
    child.once('error', (cause) =>
      resolve(
        new DnsmasqError(
          `${program} cannot be started: ${cause.message}.`,
          "Install Debian's packages dnsmasq-base and util-linux.",
          { cause },
        ),
      ),
    );
    // `close` comes after its last line has been read.
    child.once('close', (code, signal) => {
      if (wanted()) return resolve(undefined);
      const missing =
        code === 127 || tail.some((line) => /No such file or directory/.test(line) && line.includes(program));
      resolve(
        new DnsmasqError(
          `dnsmasq on ${network.interface} ended (${signal ?? code}): ${tail.slice(-3).join(' | ') || 'no output'}.`,
          missing
            ? "Install Debian's package dnsmasq-base."
            : 'Another DHCP server may hold the port; the lines above say what it lacked.',
        ),
      );
    });
  });
}
