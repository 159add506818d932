// Ironic as Debian packages it (API, conductor, JSON RPC, PostgreSQL), started beside what a test drives with it.
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, createServer as createSocketServer } from 'node:net';
import { join } from 'node:path';
import { Agent, fetch } from 'undici';
import { createAuthority, issueCertificate } from '../../src/agent/index.ts';
import { startEmbeddedPostgres } from '../../src/database/embedded.ts';
import { until } from './until.ts';

export interface Ironic {
  /** For people and ramdisks alike. */
  readonly url: string;
  /** A call in the newest microversion; the answer's body is parsed. Throws when it is refused. */
  // biome-ignore lint/suspicious/noExplicitAny: each collection answers with shapes of its own, which the tests then check.
  call(method: string, path: string, body?: unknown): Promise<any>;
  /** Asks for a verb and waits for the state that it leads to. Throws with the node's last error, and what the conductor said, when it fails. */
  // biome-ignore lint/suspicious/noExplicitAny: a node has a hundred fields.
  provision(node: string, target: string, state: string, more?: object): Promise<any>;
  /** Lays a file where the conductor and the machines can fetch it; returns its URL. */
  publish(name: string, content: Uint8Array): string;
  stop(): Promise<void>;
}

type Sections = Readonly<Record<string, Readonly<Record<string, string | number>>>>;

export interface IronicOptions {
  /** Where all its files go; the database's unprivileged user must be able to enter it. */
  readonly folder: string;
  /** Where the logs that ramdisks hand over are kept. */
  readonly logs: string;
  /** An address of this host that BMCs and machines reach. */
  readonly address?: string;
  /** The API has TLS, and the conductor demands it of ramdisks, which are told of the authority. */
  readonly tls?: boolean;
  /** Settings by section, over those that the tests share. */
  readonly settings?: Sections;
  /** Milliseconds that a verb may take. */
  readonly patienceMs?: number;
}

/** Whether Debian's ironic is installed. */
export const hasIronic = ['ironic-api', 'ironic-conductor', 'ironic-dbsync'].every(
  (program) => spawnSync('which', [program]).status === 0,
);

/** Starts an API, a conductor and what they need, on free ports. Throws with their logs when they do not come up. */
export async function startIronic(options: IronicOptions): Promise<Ironic> {
  const { folder, address = '127.0.0.1', patienceMs = 60_000 } = options;
  for (const name of ['state', 'tmp', 'http', 'certificates']) mkdirSync(join(folder, name), { recursive: true });
  const database = await startEmbeddedPostgres({ folder, unsafe: true });
  const files = await serveFolder(join(folder, 'http'), address);
  const [port = 0, rpcPort = 0] = await freePorts(2);
  const tls = options.tls ? certify(folder, address) : undefined;
  const url = `${tls ? 'https' : 'http'}://${address}:${port}`;
  const peer = tls ? { dispatcher: new Agent({ connect: { ca: tls.authority } }) } : {};
  const configuration = join(folder, 'ironic.conf');
  writeFileSync(
    configuration,
    configurationOf({
      ...{ folder, logs: options.logs, address, port, rpcPort, url },
      ...{ filesUrl: urlOf(files, address), databaseUrl: database.url },
      settings: [tls?.settings ?? {}, options.settings ?? {}],
    }),
  );
  const words = ['--config-file', configuration];
  execFileSync('ironic-dbsync', [...words, 'create_schema'], { stdio: 'ignore' });
  const children = ['ironic-conductor', 'ironic-api'].map((program) => run(program, words, folder));
  const logs = () =>
    ['ironic-conductor', 'ironic-api']
      .flatMap((name) => readFileSync(join(folder, `${name}.log`), 'utf8').split('\n'))
      .filter((line) => / (WARNING|ERROR) /.test(line))
      .slice(-40)
      .join('\n');

  async function call(method: string, path: string, body?: unknown) {
    const answer = await fetch(`${url}/v1${path}`, {
      ...peer,
      method,
      headers: { 'content-type': 'application/json', 'x-openstack-ironic-api-version': '1.82' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  }
  async function stop(): Promise<void> {
    await Promise.all(children.map(end));
    files.closeAllConnections();
    files.close();
    await database.stop();
  }
  let last: unknown;
  await until(
    'Ironic and its conductor answer',
    () =>
      conductorLives(call).catch((error: unknown) => {
        last = error;
        return false;
      }),
    { withinMs: 90_000 },
  ).catch(async (error: unknown) => {
    const said = logs();
    await stop();
    throw new Error(`${String(error)}\n${String(last)}\n${said}`, { cause: last });
  });
  return {
    url,
    call,
    stop,
    publish(name, content) {
      writeFileSync(join(folder, 'http', name), content);
      return `${urlOf(files, address)}/${name}`;
    },
    async provision(node, target, state, more = {}) {
      await call('PUT', `/nodes/${node}/states/provision`, { target, ...more });
      return until(
        `${node} is ${state} by ${target}`,
        async () => {
          const now = await call('GET', `/nodes/${node}`);
          if (/failed$|^error$/.test(now.provision_state) || (now.last_error && !now.target_provision_state))
            throw new Error(`${now.provision_state}: ${now.last_error}\n${logs()}`);
          return now.provision_state === state && now;
        },
        { withinMs: patienceMs },
      ).catch(async (error: unknown) => {
        throw new Error(`${String(error)}\n${logs()}`);
      });
    },
  };
}

async function conductorLives(call: Ironic['call']): Promise<boolean> {
  const { conductors } = await call('GET', '/conductors');
  return conductors.some((one: { alive: boolean }) => one.alive);
}

/** A certificate for the API, laid beside its configuration, and the authority that a ramdisk's kernel is told of. */
function certify(folder: string, address: string): { authority: string; settings: Sections } {
  const authority = createAuthority('authority of Ironic');
  const { key, certificate } = issueCertificate(authority, 'Ironic', [address]);
  const [keyFile, certificateFile] = [join(folder, 'api.key'), join(folder, 'api.pem')];
  writeFileSync(keyFile, key, { mode: 0o600 });
  writeFileSync(certificateFile, certificate);
  const der = new X509Certificate(authority.certificate).raw.toString('base64');
  return {
    authority: authority.certificate,
    settings: {
      api: { enable_ssl_api: 'true' },
      ssl: { key_file: keyFile, cert_file: certificateFile },
      agent: { require_tls: 'true' },
      redfish: { kernel_append_params: `nofb undercloud.ca=${der}` },
    },
  };
}

interface Settings {
  readonly folder: string;
  readonly logs: string;
  readonly address: string;
  readonly port: number;
  readonly rpcPort: number;
  readonly url: string;
  readonly filesUrl: string;
  readonly databaseUrl: string;
  readonly settings: readonly Sections[];
}

/** Standalone, for machines with Redfish and virtual media; polls are short, for a test waits for them. */
function configurationOf(options: Settings): string {
  const { folder, logs, address, port, rpcPort, url, filesUrl, databaseUrl } = options;
  const socketFolder = new URL(databaseUrl).searchParams.get('host') ?? '';
  const shared: Sections = {
    DEFAULT: {
      auth_strategy: 'noauth',
      host: address,
      my_ip: address,
      rpc_transport: 'json-rpc',
      enabled_hardware_types: 'redfish',
      enabled_boot_interfaces: 'redfish-virtual-media',
      enabled_deploy_interfaces: 'direct',
      enabled_inspect_interfaces: 'redfish,no-inspect',
      enabled_management_interfaces: 'redfish',
      enabled_power_interfaces: 'redfish',
      enabled_bios_interfaces: 'redfish,no-bios',
      enabled_raid_interfaces: 'agent,redfish,no-raid',
      enabled_rescue_interfaces: 'agent,no-rescue',
      enabled_vendor_interfaces: 'redfish,no-vendor',
      enabled_console_interfaces: 'no-console',
      enabled_network_interfaces: 'noop',
      enabled_storage_interfaces: 'noop',
      default_network_interface: 'noop',
      isolinux_bin: '/usr/lib/ISOLINUX/isolinux.bin',
      ldlinux_c32: '/usr/lib/syslinux/modules/bios/ldlinux.c32',
      state_path: join(folder, 'state'),
      tempdir: join(folder, 'tmp'),
    },
    api: { host_ip: address, port, api_workers: 1, ramdisk_heartbeat_timeout: 1 },
    conductor: { automated_clean: 'true', workers_pool_size: 50 },
    json_rpc: { auth_strategy: 'noauth', host_ip: address, port: rpcPort },
    database: { connection: `postgresql+psycopg2://undercloud@/undercloud?host=${socketFolder}` },
    dhcp: { dhcp_provider: 'none' },
    deploy: {
      http_root: join(folder, 'http'),
      http_url: filesUrl,
      default_boot_mode: 'bios',
      fast_track: 'false',
      ramdisk_image_download_source: 'http',
    },
    agent: {
      image_download_source: 'http',
      deploy_logs_collect: 'always',
      deploy_logs_local_path: logs,
      certificates_path: join(folder, 'certificates'),
      command_wait_interval: 1,
      post_deploy_get_power_state_retry_interval: 1,
    },
    redfish: { use_swift: 'false', connection_retry_interval: 1 },
    service_catalog: { auth_type: 'none', endpoint_override: url },
    inspector: { auth_type: 'none' },
    glance: { auth_type: 'none' },
  };
  const all = [shared, ...options.settings];
  return [...new Set(all.flatMap((one) => Object.keys(one)))]
    .flatMap((name) => {
      const values = Object.entries(Object.assign({}, ...all.map((one) => one[name])));
      return [`[${name}]`, ...values.map(([key, value]) => `${key} = ${value}`), ''];
    })
    .join('\n');
}

function run(program: string, words: readonly string[], folder: string): ChildProcess {
  const log = openSync(join(folder, `${program}.log`), 'a');
  return spawn('setpriv', ['--pdeathsig', 'KILL', '/usr/bin/python3', `/usr/bin/${program}`, ...words], {
    stdio: ['ignore', log, log],
  });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((done) => child.once('exit', done));
  child.kill('SIGKILL');
  await gone;
}

/** Serves what the conductor publishes: boot ISOs, config drives. */
async function serveFolder(folder: string, address: string): Promise<Server> {
  const server = createServer((request, response) => {
    try {
      const content = readFileSync(join(folder, new URL(request.url ?? '/', 'http://files').pathname));
      response.writeHead(200, { 'content-length': content.length }).end(content);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((ready) => server.listen(0, address, ready));
  return server;
}

function urlOf(server: Server, address: string): string {
  return `http://${address}:${portOf(server.address())}`;
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new Error('the server listens on no port');
  return address.port;
}

async function freePorts(count: number): Promise<number[]> {
  const probes = Array.from({ length: count }, () => createSocketServer());
  await Promise.all(probes.map((probe) => new Promise<void>((ready) => probe.listen(0, '127.0.0.1', ready))));
  const ports = probes.map((probe) => portOf(probe.address()));
  await Promise.all(probes.map((probe) => new Promise((closed) => probe.close(closed))));
  return ports;
}
