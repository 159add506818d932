// `undercloud node logs`: what the ramdisk knew when work on a machine failed.
import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import type { Command } from 'commander';
import type { ApiJson } from '../client/index.ts';
import { openSession, type SessionFlags, withSession } from '../session.ts';
import { UsageError } from '../usage-error.ts';

export function registerLogsCommand(node: Command): void {
  withSession(node.command('logs <node>'))
    .description("List the ramdisk's logs that were kept with failures, or save those of one")
    .option('--operation <id>', 'the operation that failed (default: the latest)')
    .option('-o, --output <file>', 'save them here: a gzipped tar')
    .action(async (ident: string, flags: SessionFlags & { operation?: string; output?: string }) => {
      const { client, printer } = openSession(flags);
      const path = `/v1/nodes/${encodeURIComponent(ident)}/agent_logs`;
      const { agent_logs: logs } = await client.get('baremetal', path);
      if (flags.output === undefined) {
        printer.data(logs);
        printer.table(
          ['collected', 'operation', 'bytes'],
          logs.map((one: ApiJson) => [one.collected_at.slice(0, 19), one.operation_id, String(one.bytes)]),
          'no logs are kept',
        );
        return;
      }
      const operation = flags.operation ?? logs[0]?.operation_id;
      if (operation === undefined)
        throw new UsageError(
          `no logs are kept for node ${ident}: they are, when work on it fails while its ramdisk runs`,
        );
      const bytes = await client.open('baremetal', `${path}/${encodeURIComponent(operation)}`);
      await pipeline(bytes, createWriteStream(flags.output));
      printer.line(`logs of operation ${operation}: ${flags.output}`);
    });
}
