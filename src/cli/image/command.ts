// `undercloud image`: builds images and registers them with the image service; looks after the chunk store.
import type { Command } from 'commander';
import { registerImageBuildCommand } from '../../image-builder/index.ts';
import { createClient, findCloud } from '../client/index.ts';
import { dataFolder } from '../data-folder.ts';
import { packageFolder } from '../package-folder.ts';
import { publishArtefact } from './publish.ts';
import { registerUpkeepCommands } from './upkeep.ts';

export function registerImageCommand(program: Command): void {
  const image = program.command('image').description('Images that machines run');
  registerImageBuildCommand(program, {
    packageFolder: packageFolder(),
    data: dataFolder(undefined),
    write: (line) => void process.stdout.write(`${line}\n`),
    register: async (built, say) => {
      const build = image.commands.find((command) => command.name() === 'build');
      const data: unknown = build?.opts().data;
      const client = createClient(findCloud(process.env, dataFolder(typeof data === 'string' ? data : undefined)));
      for (const artefact of built.artefacts) await publishArtefact(client, artefact, say);
    },
  });
  registerUpkeepCommands(image);
}
