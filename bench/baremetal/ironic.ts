// Debian's Ironic: API and conductor over JSON-RPC, fake hardware without delays, PostgreSQL, nobody asked for a login.
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { surroundings } from '../service/debian.ts';
import type { Service } from '../service/service.ts';
import { freePort, untilAnswering } from '../service/wait.ts';

/** Interfaces of the fake hardware type; a deploy or power interface of nothing does not exist. */
const fakes = ['bios', 'boot', 'console', 'deploy', 'inspect', 'management', 'power', 'raid', 'rescue', 'vendor'];

export async function startIronic(): Promise<Service> {
  const { folder, database, pid, leave } = await surroundings('ironic', ['ironic-api', 'ironic-conductor']);
  const url = `http://127.0.0.1:${await freePort()}`;
  const file = join(folder, 'ironic.conf');
  writeFileSync(file, configuration(folder, database, url, await freePort()));
  execFileSync('ironic-dbsync', ['--config-file', file, 'create_schema'], { stdio: 'ignore' });
  const children = ['ironic-api', 'ironic-conductor'].map((program) =>
    spawn(program, ['--config-file', file], { stdio: 'ignore' }),
  );
  const ended = Promise.all(children.map((child) => new Promise((resolve) => child.once('exit', resolve))));
  await untilAnswering(`${url}/`, 120);
  return {
    name: 'ironic',
    url,
    pids: [...children.map((child) => child.pid ?? 0), pid],
    async stop() {
      for (const child of children) child.kill('SIGTERM');
      await ended;
      leave();
    },
  };
}

function configuration(folder: string, database: string, url: string, rpcPort: number): string {
  for (const name of ['state', 'tmp']) mkdirSync(join(folder, name));
  return ini({
    DEFAULT: {
      auth_strategy: 'noauth',
      host: '127.0.0.1',
      my_ip: '127.0.0.1',
      rpc_transport: 'json-rpc',
      enabled_hardware_types: 'fake-hardware',
      ...Object.fromEntries(fakes.map((name) => [`enabled_${name}_interfaces`, 'fake'])),
      enabled_network_interfaces: 'noop',
      enabled_storage_interfaces: 'noop',
      state_path: join(folder, 'state'),
      tempdir: join(folder, 'tmp'),
    },
    api: { host_ip: '127.0.0.1', port: new URL(url).port, api_workers: 2, max_limit: 10_000 },
    conductor: { automated_clean: 'False', workers_pool_size: 100, api_url: url },
    json_rpc: { auth_strategy: 'noauth', host_ip: '127.0.0.1', port: rpcPort },
    database: { connection: database },
    dhcp: { dhcp_provider: 'none' },
    service_catalog: { auth_type: 'none', endpoint_override: url },
    inspector: { auth_type: 'none' },
  });
}

function ini(sections: Readonly<Record<string, Readonly<Record<string, string | number>>>>): string {
  const lines = Object.entries(sections).flatMap(([name, options]) => [
    `[${name}]`,
    ...Object.entries(options).map(([key, value]) => `${key} = ${value}`),
  ]);
  return `${lines.join('\n')}\n`;
}
