// The command os-apply-config: installs templates, or prints one value of the metadata.
import { AgentError } from '../../errors.ts';
import { type OptionShape, parseOptions } from '../command-line.ts';
import { templateFolder } from '../converge.ts';
import type { Paths } from '../paths.ts';
import { installTemplates } from './install.ts';
import { configFiles, readMetadata, subHash, valueAt } from './metadata.ts';
import { ensureType, printed } from './value-types.ts';

const shapes: readonly OptionShape[] = [
  { names: ['--templates', '-t'], takes: 'one' },
  { names: ['--output', '-o'], takes: 'one' },
  { names: ['--metadata', '-m'], takes: 'many' },
  { names: ['--fallback-metadata'], takes: 'many' },
  { names: ['--validate', '-v'], takes: 'nothing' },
  { names: ['--print-templates'], takes: 'nothing' },
  { names: ['--subhash', '-s'], takes: 'one' },
  { names: ['--key'], takes: 'one' },
  { names: ['--type'], takes: 'one' },
  { names: ['--key-default'], takes: 'one' },
  { names: ['--boolean-key'], takes: 'many' },
  { names: ['--os-config-files'], takes: 'one' },
];

export interface CommandContext {
  readonly paths: Paths;
  readonly env: NodeJS.ProcessEnv;
  readonly print: (line: string) => void;
  readonly log: (line: string) => void;
}

/** The exit status. Throws AgentError for anything that os-apply-config would end with 1 for. */
export async function applyCommand(words: readonly string[], context: CommandContext): Promise<number> {
  const { paths, env, print } = context;
  const options = parseOptions(words, shapes);
  const one = (name: string) => options.get(name)?.at(-1);
  const templates = one('--templates') ?? (await templateFolder(paths, env));
  if (options.has('--print-templates')) {
    print(templates);
    return 0;
  }
  const named = options.get('--metadata');
  const list = await configFiles(env, one('--os-config-files') ?? paths.configFileList, paths.output);
  const metadata = await readMetadata(named ? [...(options.get('--fallback-metadata') ?? []), ...named] : list);
  const booleans = options.get('--boolean-key');
  if (booleans) return booleans.every((key) => valueAt(metadata, key) === true) ? 0 : 1;
  const key = one('--key');
  if (key !== undefined) {
    const value = valueAt(metadata, key);
    const fallback = one('--key-default');
    if (value === undefined && fallback === undefined) throw new AgentError('metadata', `key ${key} does not exist`);
    // The default is the caller's own and not checked.
    print(value === undefined ? (fallback ?? '') : ensureType(printed(value), one('--type') ?? 'default'));
    return 0;
  }
  const subhash = one('--subhash');
  await installTemplates({
    templates,
    output: one('--output') ?? paths.output,
    metadata: subhash === undefined ? metadata : subHash(metadata, subhash),
    validate: options.has('--validate'),
    log: context.log,
  });
  return 0;
}
