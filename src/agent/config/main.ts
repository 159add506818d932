// The in-machine agent's command: undercloud-agent run|once|apply|refresh|status, and the os-*-config tools by their own names.
import { basename } from 'node:path';
import { systemClock } from '../clock.ts';
import { asAgentError } from '../errors.ts';
import { agentVersion } from '../version.ts';
import { pathsUnder } from './paths.ts';

const usage = `usage: undercloud-agent run|once|apply|refresh|status|version
  run      watch the metadata and keep the machine to it (the service)
  once     collect, converge and deliver once; with --force also what this machine already runs
  apply    install the templates from the metadata on this machine (options of os-apply-config)
  refresh  run the phase folders (options of os-refresh-config)
  status   what this machine runs, as JSON
Called as os-apply-config or os-refresh-config it is that command.`;

const leaveWithinMs = 1_000;
const log = (line: string): void => console.error(line);
const print = (line: string): void => console.log(line);

async function main(words: readonly string[]): Promise<number> {
  const paths = pathsUnder(process.env.UNDERCLOUD_AGENT_ROOT ?? '/');
  const context = { paths, env: process.env, print, log };
  const stop = new AbortController();
  const end = () => {
    stop.abort();
    // A deployment that goes on (one that reboots the machine, say) must not hold up the machine's stop.
    setTimeout(() => process.exit(0), leaveWithinMs).unref();
  };
  const agent = async () => {
    const { createConfigAgent } = await import('./agent.ts');
    process.once('SIGTERM', end);
    process.once('SIGINT', end);
    return createConfigAgent({ ...context, clock: systemClock });
  };
  const called = basename(process.argv[1] ?? '').replace(/\.c?js$/, '');
  const [command, ...rest] = called.startsWith('os-') ? [called, ...words] : words;
  switch (command) {
    case 'run':
      await (await agent()).run(stop.signal);
      return 0;
    case 'once':
      return (await (await agent()).once(stop.signal, rest.includes('--force'))) ? 0 : 1;
    case 'apply':
    case 'os-apply-config':
      return (await import('./apply/command.ts')).applyCommand(rest, context);
    case 'refresh':
    case 'os-refresh-config':
      return (await import('./refresh/command.ts')).refreshCommand(rest, context);
    case 'status':
      print(await (await import('./status.ts')).statusText(paths));
      return 0;
    case 'version':
      print(agentVersion());
      return 0;
    default:
      log(usage);
      return 2;
  }
}

main(process.argv.slice(2)).then(
  (status) => {
    process.exitCode = status;
  },
  (thrown: unknown) => {
    const error = asAgentError(thrown);
    log(`${error.details}. ${error.hint}`);
    process.exitCode = 1;
  },
);
