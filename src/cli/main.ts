// The `undercloud` command: reads the arguments and loads the folder that carries them out.
import { Command } from 'commander';

declare const UNDERCLOUD_VERSION: string;

const program = new Command('undercloud')
  .description('Turns racks of powered-off servers into a running cloud and keeps it that way.')
  .version(typeof UNDERCLOUD_VERSION === 'string' ? UNDERCLOUD_VERSION : '0.0.0-source');
await program.parseAsync();
