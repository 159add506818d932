// The command os-refresh-config: runs the phases.
import { join } from 'node:path';
import { systemClock } from '../../clock.ts';
import type { CommandContext } from '../apply/command.ts';
import { type OptionShape, parseOptions } from '../command-line.ts';
import { refreshFolder } from '../converge.ts';
import { phases, refresh } from './phases.ts';

const shapes: readonly OptionShape[] = [
  { names: ['--print-base'], takes: 'nothing' },
  { names: ['--print-phases'], takes: 'nothing' },
  { names: ['--log-level'], takes: 'one' },
  { names: ['--lockfile'], takes: 'one' },
  { names: ['--timeout'], takes: 'one' },
];
const dayMs = 86_400_000;

/** The exit status. Throws AgentError `refresh` or `locked`. */
export async function refreshCommand(words: readonly string[], context: CommandContext): Promise<number> {
  const options = parseOptions(words, shapes);
  const folder = await refreshFolder(context.paths, context.env);
  if (options.has('--print-base')) context.print(folder);
  else if (options.has('--print-phases')) context.print(phases.join('\t'));
  else {
    const seconds = Number(options.get('--timeout')?.at(-1));
    await refresh({
      folder,
      lockFile: options.get('--lockfile')?.at(-1) ?? join(context.paths.run, 'refresh.lock'),
      env: context.env,
      timeoutMs: seconds > 0 ? seconds * 1000 : dayMs,
      clock: systemClock,
      log: context.log,
    });
  }
  return 0;
}
