// `undercloud node discovered`, `approve` and `forget`: machines that booted from the network and are no nodes yet.
import type { Command } from 'commander';
import type { ApiJson } from '../client/index.ts';
import { openSession, type SessionFlags, withSession } from '../session.ts';
import { UsageError } from '../usage-error.ts';

interface ApproveFlags extends SessionFlags {
  readonly driver?: string;
  readonly profile?: string;
  readonly driverInfo: readonly string[];
  readonly name?: string;
  readonly resourceClass?: string;
}

const pathOf = (id: string) => `/v1/discoveries/${encodeURIComponent(id)}`;

export function registerDiscoveryCommands(node: Command): void {
  withSession(node.command('discovered'))
    .description('List the machines that booted from the network and wait for approval')
    .action(async (flags: SessionFlags) => {
      const { client, printer } = openSession(flags);
      const { discoveries } = await client.get('baremetal', '/v1/discoveries');
      printer.data(discoveries);
      printer.table(
        ['uuid', 'vendor', 'model', 'cpus', 'memory MiB', 'BMC', 'MACs', 'last seen', 'profile', 'note'],
        discoveries.map(({ inventory, ...one }: ApiJson) => [
          one.uuid,
          inventory.system_vendor?.manufacturer ?? '',
          inventory.system_vendor?.product_name ?? '',
          String(inventory.cpu.count),
          String(inventory.memory.physical_mb),
          one.bmc_address ?? '',
          one.macs.join(' '),
          one.last_seen_at.slice(0, 19),
          one.profile ?? '',
          one.note ?? '',
        ]),
        'no machine waits for approval',
      );
    });
  withSession(node.command('approve <discovered>'))
    .description('Make a node of a machine that booted from the network')
    .option('--profile <name>', 'the profile of the configuration that says driver and credentials')
    .option('--driver <name>', 'its driver, such as redfish')
    .option(
      '--driver-info <key=value>',
      'how its BMC is reached (repeat)',
      (pair: string, all: string[]) => [...all, pair],
      [],
    )
    .option('--name <name>', 'its name')
    .option('--resource-class <class>', 'its resource class')
    .action(async (id: string, flags: ApproveFlags) => {
      const { client, printer } = openSession(flags);
      const made = await client.post('baremetal', `${pathOf(id)}/approve`, {
        ...(flags.profile === undefined ? {} : { profile: flags.profile }),
        ...(flags.driver === undefined ? {} : { driver: flags.driver }),
        driver_info: Object.fromEntries(flags.driverInfo.map(keyAndValue)),
        ...(flags.name === undefined ? {} : { name: flags.name }),
        ...(flags.resourceClass === undefined ? {} : { resource_class: flags.resourceClass }),
      });
      printer.data(made);
      printer.line(`node ${made.uuid}: enrolled; its BMC is being asked (undercloud node why ${made.uuid})`);
    });
  withSession(node.command('forget <discovered>'))
    .description('Take a machine off that list; it comes back when it boots from the network again')
    .action(async (id: string, flags: SessionFlags) => {
      const { client, printer } = openSession(flags);
      await client.call('baremetal', 'DELETE', pathOf(id));
      printer.line(`forgot ${id}`);
    });
}

function keyAndValue(pair: string): readonly [string, string] {
  const at = pair.indexOf('=');
  if (at < 1) throw new UsageError(`--driver-info takes KEY=VALUE, not ${pair}`);
  return [pair.slice(0, at), pair.slice(at + 1)];
}
