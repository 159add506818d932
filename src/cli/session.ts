// What every command that talks to a server shares: its flags, its client, its printer.
import type { Command } from 'commander';
import { type Client, createClient, findCloud } from './client/index.ts';
import { dataFolder } from './data-folder.ts';
import { createPrinter, type Printer } from './print/index.ts';

export interface SessionFlags {
  readonly data?: string;
  readonly osCloud?: string;
  readonly json?: boolean;
}

export interface Session {
  readonly client: Client;
  readonly printer: Printer;
}

/** Adds the flags that say which server and how to print. */
export function withSession(command: Command): Command {
  return command
    .option('--os-cloud <name>', 'cloud of clouds.yaml (default: OS_CLOUD, or the server of this machine)')
    .option('--data <dir>', 'data folder of the server of this machine')
    .option('--json', 'print JSON');
}

export function openSession(flags: SessionFlags): Session {
  return {
    client: createClient(findCloud(process.env, dataFolder(flags.data), flags.osCloud)),
    printer: createPrinter(flags),
  };
}
