// The command as commander sees it: each command's folder is loaded only when it is asked for.
import { Command } from 'commander';
import { dataFolder } from './data-folder.ts';

declare const UNDERCLOUD_VERSION: string;

/** Top-level command -> the module that registers it. */
const commands: Readonly<Record<string, () => Promise<(program: Command) => void>>> = {
  up: async () => (await import('../server/index.ts')).registerUpCommand,
  rack: async () => {
    const { registerRackCommand } = await import('../rack/index.ts');
    return (program) => registerRackCommand(program, dataFolder(undefined));
  },
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

const firstSteps = `
First steps, as root:
  undercloud rack up                          three software machines, powered off
  undercloud up --provision ucrack0           the server; leave it running, go on in another terminal
  undercloud image build deploy-ramdisk
  undercloud image build cloud-node -e undercloud-agent -e haproxy -e nginx
  undercloud node import /var/lib/undercloud/rack/nodes.json
  undercloud deploy first-cloud -t examples/stacks/first-cloud.yaml`;

/** `asked` is the first argument: only its command is registered, or all of them when it names none. */
export async function createProgram(asked = ''): Promise<Command> {
  const program = new Command('undercloud')
    .description('Turns racks of powered-off servers into a running cloud and keeps it that way.')
    .version(typeof UNDERCLOUD_VERSION === 'string' ? UNDERCLOUD_VERSION : '0.0.0-source')
    .showSuggestionAfterError()
    .showHelpAfterError('(--help shows what there is)')
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'undercloud: ')) });
  program.addHelpText('after', firstSteps);
  const load = Object.hasOwn(commands, asked) ? commands[asked] : undefined;
  for (const one of load ? [load] : Object.values(commands)) (await one())(program);
  return program;
}
