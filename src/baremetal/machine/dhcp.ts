// Keeps dnsmasq running on the provisioning network, with the leases that the network's ports ask for.
import { type Dnsmasq, type DnsmasqOptions, type StaticLease, startDnsmasq } from '../../boot/dnsmasq/index.ts';
import { ipxeEntryUrl } from '../../boot/ipxe/index.ts';

export interface DhcpOptions {
  readonly network: DnsmasqOptions['network'];
  /** For dnsmasq's own files. */
  readonly folder: string;
  /** What machines are to get, by MAC: from network ports. */
  readonly leases: () => Promise<readonly StaticLease[]>;
  /** Milliseconds between two looks at the leases; default 5 s. */
  readonly refreshMs?: number;
}

interface Log {
  warn(message: string, detail?: unknown): void;
}

export interface Dhcp {
  /** Reads the leases now: before a machine is switched on. */
  refresh(): Promise<void>;
  stop(): Promise<void>;
}

const restartMs = 2_000;

/** Starts dnsmasq and starts it again when it ends by itself. Throws DnsmasqError when it cannot start at all. */
export async function startDhcp(
  options: DhcpOptions,
  machinesUrl: string,
  log: Log,
  start = startDnsmasq,
): Promise<Dhcp> {
  const scriptUrl = ipxeEntryUrl(machinesUrl);
  const launch = () => start({ network: options.network, folder: options.folder, scriptUrl });
  let dnsmasq: Dnsmasq = await launch();
  let written = '';
  let stopped = false;
  let busy: Promise<void> = Promise.resolve();

  async function write(): Promise<void> {
    const leases = await options.leases();
    const text = JSON.stringify(leases);
    if (text === written || stopped) return;
    await dnsmasq.setLeases(leases);
    written = text;
  }
  /** One at a time, in order: two writers would overtake each other. */
  function refresh(): Promise<void> {
    const turn = busy.then(write);
    busy = turn.catch(() => undefined);
    return turn;
  }
  async function keepRunning(): Promise<void> {
    while (!stopped) {
      const failure = await dnsmasq.ended;
      if (stopped) return;
      log.warn(`DHCP ended and is started again: ${failure?.message ?? 'no reason given'}`);
      await new Promise((wake) => setTimeout(wake, restartMs).unref());
      if (stopped) return;
      try {
        dnsmasq = await launch();
        // Whoever has stopped us meanwhile has stopped the one before.
        if (stopped) return void (await dnsmasq.stop());
        written = '';
        await refresh();
      } catch (error) {
        log.warn('DHCP cannot be started again; trying on', error);
      }
    }
  }
  await refresh();
  void keepRunning();
  const timer = setInterval(() => {
    refresh().catch((error: unknown) => log.warn('DHCP leases could not be read', error));
  }, options.refreshMs ?? 5_000);
  timer.unref();
  return {
    refresh,
    async stop() {
      stopped = true;
      clearInterval(timer);
      await dnsmasq.stop();
    },
  };
}
