// Says what is wrong with a documented `undercloud` command, without running it.
import type { Command } from 'commander';

/** Undefined when command, flags and number of arguments are right. `words` are those after `undercloud`. */
export function faultOf(program: Command, words: readonly string[]): string | undefined {
  let command = program;
  let rest = [...words];
  for (let next = rest[0]; next !== undefined; next = rest[0]) {
    const found = command.commands.find((one) => one.name() === next);
    if (!found) break;
    command = found;
    rest = rest.slice(1);
  }
  if (rest.includes('--help') || rest.includes('-h')) return undefined;
  if (command.commands.length > 0) {
    return rest[0] === undefined || rest[0] === '--version' ? undefined : `${command.name()} has no command ${rest[0]}`;
  }
  const positional: string[] = [];
  for (let at = 0; at < rest.length; at++) {
    const word = rest[at] ?? '';
    if (!/^--?[a-z]/i.test(word)) {
      positional.push(word);
      continue;
    }
    const [flag = word, inline] = word.split('=', 2);
    const option = command.options.find((one) => one.short === flag || one.long === flag);
    if (!option) return `${command.name()} has no option ${flag}`;
    if (option.required && inline === undefined) {
      at += 1;
      if (rest[at] === undefined) return `${flag} needs a value`;
    }
    const value = inline ?? rest[at];
    if (option.argChoices && value !== undefined && !option.argChoices.includes(value))
      return `${flag} cannot be ${value}`;
  }
  const arguments_ = command.registeredArguments;
  const least = arguments_.filter((one) => one.required).length;
  const most = arguments_.some((one) => one.variadic) ? Number.POSITIVE_INFINITY : arguments_.length;
  if (positional.length < least || positional.length > most)
    return `${command.name()} takes ${least === most ? least : `${least} to ${most}`} arguments, not ${positional.length}`;
  return undefined;
}
