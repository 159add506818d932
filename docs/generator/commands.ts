// The commands of `undercloud`, as commander knows them.
import type { Command, Option } from 'commander';
import { code, type Page, page, table } from './markdown.ts';

export function commandsPage(program: Command): Page {
  return page(
    'commands.md',
    'Commands',
    'Commands print for people on a terminal, plain lines into a pipe, JSON with `--json`. They end with status 0 when what was asked for is so, else with 1 and one line on standard error that says why.',
    ...leaves(program).map(describe),
  );
}

function leaves(command: Command): Command[] {
  return command.commands.length === 0 ? [command] : command.commands.flatMap(leaves);
}

function describe(command: Command): string {
  const names: string[] = [];
  for (let at: Command | null = command; at; at = at.parent) names.unshift(at.name());
  const given = command.registeredArguments.map((argument) => {
    const name = `${argument.name()}${argument.variadic ? '...' : ''}`;
    return argument.required ? `<${name}>` : `[${name}]`;
  });
  const options = command.options.filter((option) => !option.hidden);
  return [
    `## ${names.join(' ')}`,
    command.description(),
    ['```', [...names, ...(options.length > 0 ? ['[options]'] : []), ...given].join(' '), '```'].join('\n'),
    options.length === 0
      ? ''
      : table(
          ['Option', 'Meaning', 'Default'],
          options.map((option) => [code(option.flags), meaning(option), defaultOf(option)]),
        ),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

function meaning(option: Option): string {
  return option.argChoices ? `${option.description}: ${option.argChoices.map(code).join(', ')}` : option.description;
}

function defaultOf(option: Option): string {
  const value: unknown = option.defaultValue;
  if (value === undefined || value === true || (Array.isArray(value) && value.length === 0)) return '';
  return code(option.defaultValueDescription ?? String(value));
}
