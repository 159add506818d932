// `undercloud node`: its commands; here those that list machines and import them.
import type { Command } from 'commander';
import type { ApiJson } from '../client/index.ts';
import { createProgressLine } from '../print/index.ts';
import { openSession, type SessionFlags, withSession } from '../session.ts';
import { wholeNumber } from '../whole-number.ts';
import { registerDiscoveryCommands } from './discovered.ts';
import { ensureFlavor } from './flavor.ts';
import { registerHistoryCommand, registerWhyCommand } from './history.ts';
import { importNodes } from './import.ts';
import { registerLogsCommand } from './logs.ts';
import { readNodesFile } from './nodes-file.ts';

export function registerNodeCommand(program: Command): void {
  const node = program
    .command('node')
    .description('Machines: list them, import a file that describes them, see what happened to one');
  withSession(node.command('list'))
    .description('List the machines and where each stands')
    .action(async (flags: SessionFlags) => {
      const { client, printer } = openSession(flags);
      const nodes = await client.pages('baremetal', '/v1/nodes/detail', 'nodes');
      printer.data(nodes);
      printer.table(
        ['name', 'uuid', 'class', 'power', 'state', 'instance', 'note'],
        nodes.map((one: ApiJson) => [
          one.name ?? '',
          one.uuid,
          one.resource_class ?? '',
          one.power_state ?? 'unknown',
          one.provision_state,
          one.instance_uuid ?? '',
          one.maintenance ? `maintenance: ${one.maintenance_reason ?? ''}` : (one.last_error ?? ''),
        ]),
        'no machines are enrolled; enrol some with: undercloud node import FILE',
      );
    });
  registerHistoryCommand(node);
  registerWhyCommand(node);
  registerLogsCommand(node);
  registerDiscoveryCommands(node);
  withSession(node.command('import <file>'))
    .description('Enrol the machines of a file (openstack baremetal create format, or instackenv.json)')
    .option('--no-provide', 'stop at manageable: no inspection, not available')
    .option('--no-inspect', 'do not inspect')
    .option('--timeout <seconds>', 'give up waiting after this long', wholeNumber, 900)
    .action(async (file: string, flags: SessionFlags & { provide: boolean; inspect: boolean; timeout: number }) => {
      const entries = readNodesFile(file);
      const { client, printer } = openSession(flags);
      const progress = createProgressLine(printer.live);
      const results = await importNodes(client, entries, {
        inspect: flags.provide && flags.inspect,
        provide: flags.provide,
        timeoutMs: flags.timeout * 1000,
        report: (states) => progress.show(states),
        keep: (line) => (printer.json ? undefined : progress.keep(line)),
      });
      progress.end();
      const classes = new Set(entries.map(({ node }) => node.resource_class).filter((one) => typeof one === 'string'));
      for (const one of classes)
        if (await ensureFlavor(client, one))
          printer.line(`flavor ${one}: made, one whole machine of that resource class`);
      printer.data(results);
      const bad = results.filter((result) => result.error !== undefined);
      printer.line(
        `${results.length - bad.length} of ${results.length} machines are ${flags.provide ? 'available' : 'manageable'}`,
      );
      if (bad.length > 0) process.exitCode = 1;
    });
}
