// The `undercloud template` command: checks, resolves, compares and draws templates without a server.
import { createInterface } from 'node:readline';
import { setFlagsFromString } from 'node:v8';
import { type Command, Option } from 'commander';
import { resourceTypes } from '../../resources/index.ts';
import { TemplateError } from '../errors.ts';
import { expand, expandUpdate } from '../index.ts';
import { contextOf } from '../tree.ts';
import { checkCreate } from '../validate/index.ts';
import { batch } from './batch.ts';
import { drawDot } from './dot.ts';
import { type GivenFiles, readInput } from './files.ts';
import { describeError } from './print.ts';
import { showChanges, showGraph } from './show.ts';
import { drawSvg } from './svg.ts';

interface Options {
  readonly environment?: string[];
  readonly parameter?: string[];
  readonly json?: boolean;
  readonly anyType?: boolean;
}

const collect = (value: string, before: string[] = []): string[] => [...before, value];
const given = (template: string, options: Options): GivenFiles => ({
  template,
  environments: options.environment ?? [],
  parameters: options.parameter ?? [],
});
const settings = (options: Options) => ({
  types: resourceTypes,
  anyType: options.anyType ?? false,
  identity: { name: 'stack', id: 'None', project: 'project' },
});

/** Runs a command on a template; its faults are told with their place in the file. */
function run(template: string, options: Options, body: (input: ReturnType<typeof readInput>) => void): void {
  let text = '';
  try {
    const input = readInput(given(template, options));
    text = input.text;
    body(input);
  } catch (cause) {
    if (!(cause instanceof TemplateError)) throw cause;
    process.stderr.write(`${describeError(cause, template, text)}\n`);
    process.exitCode = 1;
  }
}

const print = (text: string): void => {
  process.stdout.write(text);
};

async function runBatch(): Promise<void> {
  // A pattern that backtracks without end is handed to the engine that does not.
  setFlagsFromString('--enable-experimental-regexp-engine-on-excessive-backtracks');
  const answer = batch(resourceTypes);
  for await (const line of createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY })) {
    if (line.trim() !== '') print(`${JSON.stringify(answer(line))}\n`);
  }
}

/** Adds `undercloud template validate|resolve|diff|graph|batch`. */
export function registerTemplateCommand(program: Command): void {
  const template = program
    .command('template')
    .description('Check, resolve, compare and draw templates; needs no server');
  const withInput = (command: Command): Command =>
    command
      .option('-e, --environment <file>', 'environment file (repeatable)', collect)
      .option('-P, --parameter <name=value>', 'parameter (repeatable)', collect)
      .option('--any-type', 'accept resource types this program does not know')
      .option('--json', 'print JSON');
  withInput(template.command('validate <template>').description('Check a template as stack creation would')).action(
    (file: string, options: Options) => {
      run(file, options, ({ input }) => {
        checkCreate(input, contextOf(settings(options)));
        print(options.json ? '{"valid":true}\n' : `${file}: valid\n`);
      });
    },
  );
  withInput(
    template
      .command('resolve <template>')
      .description('Show the resources with all that is known before anything exists'),
  ).action((file: string, options: Options) => {
    run(file, options, ({ input }) => print(showGraph(expand(input, settings(options)), options.json ?? false)));
  });
  withInput(
    template.command('diff <old> <new>').description('Show what an update from one template to another changes'),
  ).action((old: string, next: string, options: Options) => {
    run(old, options, ({ input }) => {
      const before = expand(input, settings(options));
      run(next, options, (after) => {
        const { changes } = expandUpdate(before, after.input, settings(options), {
          reference: (path) => `id of ${path}`,
          attribute: (path, name) => `${name} of ${path}`,
        });
        print(showChanges(changes, options.json ?? false));
      });
    });
  });
  withInput(template.command('graph <template>').description('Draw the resources and what they need'))
    .addOption(new Option('--format <format>', 'DOT language or SVG image').choices(['dot', 'svg']).default('dot'))
    .action((file: string, options: Options & { format: 'dot' | 'svg' }) => {
      const draw = options.format === 'svg' ? drawSvg : drawDot;
      run(file, options, ({ input }) => print(draw(expand(input, settings(options)))));
    });
  template.command('batch').description('Answer JSON jobs, one a line').action(runBatch);
}
