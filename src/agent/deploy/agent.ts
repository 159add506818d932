// The deploy agent: finds out which node it runs on, listens for commands, says that it lives, until its machine leaves the ramdisk.
import { randomUUID } from 'node:crypto';
import { type AddressInfo, isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import { type Certified, selfSignedCertificate } from '../certificate/index.ts';
import type { Clock } from '../clock.ts';
import { AgentError, asAgentError } from '../errors.ts';
import { postJson } from '../http.ts';
import { agentVersion } from '../version.ts';
import { commands } from './commands.ts';
import { createExecutor, type Executor } from './executor.ts';
import { inspect } from './inspect.ts';
import { createListener } from './listener.ts';
import type { Machine } from './machine.ts';
import { heartbeat, type Identity, lookup, type ServerApi } from './server-api.ts';

export interface DeployAgentOptions {
  /** Base of the server's API, without a trailing slash. With https this agent listens over TLS too, with a certificate of its own. */
  readonly apiUrl: string;
  /** PEM of the authority that signed the server's certificate. */
  readonly authority?: string | undefined;
  /** Do not check the server's certificate (`ipa-insecure`). */
  readonly insecure?: boolean;
  readonly machine: Machine;
  readonly clock: Clock;
  /** Where to listen; port 0 takes a free one. */
  readonly listen: { readonly host: string; readonly port: number };
  /** The host to announce; without it the local address of the connection to the server. */
  readonly advertiseHost?: string | undefined;
  readonly nodeUuid?: string | undefined;
  /** A token from the kernel command line, for a server that will not send one. */
  readonly token?: string | undefined;
  /** Where to send the inventory before the first lookup. */
  readonly inspectionUrl?: string | undefined;
  readonly bootInterface?: string | undefined;
  readonly log: (line: string) => void;
}

export interface DeployAgent {
  readonly executor: Executor;
  /** Closes the listener and ends the loop, whoever still owes it an answer; for simulated machines that are switched off. */
  stop(): Promise<void>;
}

const longestRetryMs = 30_000;

/** Starts the agent; it retries every call for ever and never ends by itself. */
export async function startDeployAgent(options: DeployAgentOptions): Promise<DeployAgent> {
  const { clock, log } = options;
  const stopped = new AbortController();
  let token = options.token;
  let wake = new AbortController();
  const executor = createExecutor({
    machine: options.machine,
    commands,
    clock,
    newId: randomUUID,
    log,
    ended: () => wake.abort(),
  });
  const api: ServerApi = {
    url: options.apiUrl,
    peer: { authority: options.authority, insecure: options.insecure ?? false },
    signal: stopped.signal,
  };
  const certified = options.apiUrl.startsWith('https:') ? ownCertificate(options.advertiseHost) : undefined;
  const server = await createListener({ executor, startedAt: clock.now(), token: () => token, certified });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.listen.port, options.listen.host, resolve);
  });
  const address = server.address();
  const port = isAddress(address) ? address.port : options.listen.port;

  async function persist<T>(what: string, attempt: () => Promise<T>): Promise<T | undefined> {
    for (let waitMs = 1_000; !stopped.signal.aborted; waitMs = Math.min(waitMs * 2, longestRetryMs)) {
      try {
        return await attempt();
      } catch (thrown) {
        if (stopped.signal.aborted) break;
        log(`${what}: ${asAgentError(thrown).details}`);
        await clock.sleep(waitMs * (0.5 + clock.random() / 2), stopped.signal);
      }
    }
    return undefined;
  }

  async function introduce(): Promise<Identity | undefined> {
    const inventory = await persist('inventory', () => options.machine.inventory());
    const macs = inventory?.interfaces.map((nic) => nic.mac_address) ?? [];
    const identity = await persist('lookup', () => lookup(api, macs, options.nodeUuid));
    if (identity) log(`this is node ${identity.nodeUuid}`);
    token = identity?.token ?? token;
    return identity;
  }

  async function beat(identity: Identity): Promise<void> {
    const host = options.advertiseHost ?? identity.localAddress.replace(/^::ffff:/, '');
    await heartbeat(api, identity.nodeUuid, {
      callback_url: `${certified ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${port}`,
      agent_version: agentVersion(),
      ...(token === undefined ? {} : { agent_token: token }),
      ...(certified ? { agent_verify_ca: certified.certificate } : {}),
    });
  }

  async function live(): Promise<void> {
    const { inspectionUrl } = options;
    if (inspectionUrl) await persist('inspection', () => sendInspection(options, api, inspectionUrl));
    let identity = await introduce();
    let failures = 0;
    while (identity && !stopped.signal.aborted) {
      wake = new AbortController();
      try {
        await beat(identity);
        failures = 0;
        await clock.sleep(restMs(identity, clock), wake.signal);
      } catch (thrown) {
        if (stopped.signal.aborted) break;
        failures += 1;
        log(asAgentError(thrown).details);
        await clock.sleep(Math.min(1_000 * 2 ** (failures - 1), longestRetryMs), stopped.signal);
        // The server may have forgotten this node or been restored from a backup: ask again who this is.
        if (failures % 5 === 0) identity = (await introduce()) ?? identity;
      }
    }
  }

  const life = live();
  return {
    executor,
    async stop() {
      stopped.abort();
      wake.abort();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await life;
    },
  };
}

/** For every address of this machine, since which of them the server will use is known only after the lookup. */
function ownCertificate(advertised: string | undefined): Certified {
  const own = Object.values(networkInterfaces()).flatMap((found = []) => found.map(({ address }) => address));
  const addresses = new Set([...own, ...(advertised !== undefined && isIP(advertised) ? [advertised] : [])]);
  return selfSignedCertificate('undercloud deploy agent', [...addresses]);
}

/** IPA waits between 0.3 and 0.6 of the timeout, so that machines started together spread out. */
function restMs({ heartbeatTimeoutMs }: Identity, clock: Clock): number {
  return heartbeatTimeoutMs * (0.3 + 0.3 * clock.random());
}

async function sendInspection(options: DeployAgentOptions, api: ServerApi, url: string): Promise<void> {
  const report = await inspect(options.machine, { bootInterface: options.bootInterface });
  const reply = await postJson(url, report, { peer: api.peer, ...(api.signal ? { signal: api.signal } : {}) });
  if (reply.status >= 500) throw new AgentError('refused', `inspection: HTTP ${reply.status}`, { details: reply.body });
  options.log(`inspection sent: HTTP ${reply.status}`);
}

function isAddress(address: AddressInfo | string | null): address is AddressInfo {
  return typeof address === 'object' && address !== null;
}
