// The `undercloud` command: reads the arguments and loads the folder that carries them out.
import { Command } from 'commander';
import { reportFailure } from './failure.ts';

declare const UNDERCLOUD_VERSION: string;

// Node's own advice for library authors is not for those who run the program.
process.noDeprecation = true;

const program = new Command('undercloud')
  .description('Turns racks of powered-off servers into a running cloud and keeps it that way.')
  .version(typeof UNDERCLOUD_VERSION === 'string' ? UNDERCLOUD_VERSION : '0.0.0-source')
  .showSuggestionAfterError()
  .showHelpAfterError('(--help shows what there is)');

/** Top-level command -> the module that registers it: only the one that is asked for is loaded. */
const commands: Readonly<Record<string, () => Promise<(program: Command) => void>>> = {
  up: async () => (await import('../server/index.ts')).registerUpCommand,
  rack: async () => (await import('../rack/index.ts')).registerRackCommand,
  shell: async () => (await import('../rack/index.ts')).registerShellCommand,
  image: async () => (await import('./image/command.ts')).registerImageCommand,
  node: async () => (await import('./node/command.ts')).registerNodeCommand,
  plan: async () => (await import('./stack/command.ts')).registerPlanCommand,
  deploy: async () => (await import('./stack/command.ts')).registerDeployCommand,
  status: async () => (await import('./stack/command.ts')).registerStatusCommand,
  destroy: async () => (await import('./stack/command.ts')).registerDestroyCommand,
  wait: async () => (await import('./operation/command.ts')).registerWaitCommand,
  resume: async () => (await import('./operation/command.ts')).registerResumeCommand,
  template: async () => (await import('../orchestration/template/command/index.ts')).registerTemplateCommand,
  events: async () => (await import('./operation/command.ts')).registerEventsCommand,
  placement: async () => (await import('./placement/command.ts')).registerPlacementCommand,
};

const asked = process.argv[2] ?? '';
const load = commands[asked];
for (const one of load ? [load] : Object.values(commands)) (await one())(program);
await program.parseAsync().catch(reportFailure);
