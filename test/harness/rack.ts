// A virtual rack for tests, with a name and a subnet of its own so that it can run beside others.
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { finishCommand } from './undercloud.ts';

export interface RackFlags {
  readonly name: string;
  readonly machines: number;
  readonly subnet: string;
  readonly kind?: 'qemu' | 'simulated';
  readonly memoryMb?: number;
  /** Disks of each machine. */
  readonly disks?: number;
}

export interface TestRack {
  readonly nodesFile: string;
  /** The nodes as `openstack baremetal create` takes them. */
  nodes(): RackNode[];
  fault(machine: string, kind: string, value?: string): Promise<void>;
  /** Sends a request to a machine's BMC, as its operator. */
  bmc(node: RackNode, method: string, path: string, body?: unknown): Promise<Response>;
  /** The end of what a machine's serial console has said. */
  console(machine: string): string;
  down(): Promise<void>;
}

export interface RackNode {
  readonly name: string;
  readonly driver_info: {
    readonly redfish_address: string;
    readonly redfish_system_id: string;
    readonly redfish_username: string;
    readonly redfish_password: string;
  };
  readonly ports: readonly { readonly address: string }[];
  readonly [key: string]: unknown;
}

/** Makes the data folder and starts a rack in it; all that an interrupted test left there goes before, its rack with it. */
export async function rackUp(folder: string, flags: RackFlags): Promise<TestRack> {
  const down = () => finishCommand(['rack', 'down', '--wipe', '--data', folder]);
  if (existsSync(join(folder, 'rack'))) await down();
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  await finishCommand([
    'rack',
    'up',
    ...['--data', folder, '--name', flags.name, '--machines', String(flags.machines), '--subnet', flags.subnet],
    ...['--kind', flags.kind ?? 'qemu', '--memory', String(flags.memoryMb ?? 768)],
    ...['--disks', String(flags.disks ?? 1)],
  ]);
  const nodesFile = join(folder, 'rack', 'nodes.json');
  return {
    nodesFile,
    nodes: () => JSON.parse(readFileSync(nodesFile, 'utf8')).nodes,
    fault: async (machine, kind, value) =>
      void (await finishCommand(['rack', 'fault', '--data', folder, machine, kind, ...(value ? [value] : [])])),
    bmc: ({ driver_info: info }, method, path, body) =>
      fetch(`${info.redfish_address}${info.redfish_system_id}${path}`, {
        method,
        headers: {
          authorization: `Basic ${Buffer.from(`${info.redfish_username}:${info.redfish_password}`).toString('base64')}`,
          'content-type': 'application/json',
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    console: (machine) => {
      const log = join(folder, 'rack', machine, 'console.log');
      return existsSync(log) ? readFileSync(log, 'latin1').slice(-2000) : '';
    },
    down: async () => void (await down()),
  };
}
