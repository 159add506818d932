// Starts the deploy agent in a ramdisk, from the kernel command line; it may be PID 1 and so never ends.
import { readFile } from 'node:fs/promises';
import { systemClock } from '../clock.ts';
import { asAgentError } from '../errors.ts';
import { agentVersion } from '../version.ts';
import { startDeployAgent } from './agent.ts';
import { agentOptionsOf, flag, parseCommandLine } from './command-line.ts';
import { createLinuxMachine } from './linux/linux-machine.ts';

const listenPort = 9999;

const keptLines = 5_000;
const lines: string[] = [];

const log = (line: string): void => {
  const stamped = `[${process.uptime().toFixed(2)}] ${line}`;
  console.log(stamped);
  lines.push(stamped);
  if (lines.length > keptLines) lines.shift();
};

// The kernel panics when PID 1 ends; a bug must leave an agent behind that can still be asked and told to reboot.
process.on('uncaughtException', (error) => log(`bug: ${error.stack ?? error.message}`));
process.on('unhandledRejection', (thrown) => log(`bug: ${asAgentError(thrown).details}`));
process.on('SIGTERM', () => log('SIGTERM ignored: the deploy agent ends with its machine'));

async function main(): Promise<void> {
  const words = parseCommandLine(await readFile('/proc/cmdline', 'utf8'));
  const options = agentOptionsOf(words);
  log(`deploy agent ${agentVersion()}`);
  if (!options) {
    log('the kernel command line has no ipa-api-url: there is nobody to ask. Waiting.');
    setInterval(() => log('no ipa-api-url on the kernel command line'), 60_000);
    return;
  }
  await startDeployAgent({
    ...options,
    machine: createLinuxMachine({
      clock: systemClock,
      log,
      agentLog: () => `${lines.join('\n')}\n`,
      collectLldp: flag(words, 'ipa-collect-lldp'),
      injectFilesPriority: Number(words.get('ipa-inject-files-priority') ?? 0) || 0,
    }),
    clock: systemClock,
    listen: {
      host: words.get('ipa-listen-host') ?? '0.0.0.0',
      port: Number(words.get('ipa-listen-port') ?? listenPort),
    },
    log,
  });
}

void main();
