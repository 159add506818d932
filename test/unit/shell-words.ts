// Splits lines of a documented shell session into commands and words: enough of the shell's grammar for documentation.

/** Commands of a block, each as its words; comments, prompts' output and redirections are left out. */
export function shellCommands(block: string): string[][] {
  const commands: string[][] = [];
  for (const line of block.replaceAll('\\\n', ' ').split('\n')) {
    let words: string[] = [];
    for (const token of line.matchAll(/(#.*$)|(&&|\|\||[;|&()])|((?:'[^']*'|"[^"]*"|\$\([^)]*\)|[^\s;|&()'"])+)/g)) {
      const [, comment, operator, word] = token;
      if (comment !== undefined && !(token.index > 0 && /\S/.test(line[token.index - 1] ?? ''))) break;
      if (operator !== undefined) {
        commands.push(words);
        words = [];
      } else if (word !== undefined) words.push(word.replaceAll(/^['"]|['"]$/g, ''));
    }
    commands.push(words);
  }
  return commands.map(withoutSurroundings).filter((words) => words.length > 0);
}

/** Drops variables set before the command, `sudo` and redirections after it. */
function withoutSurroundings(words: readonly string[]): string[] {
  const begin = words.findIndex((word) => !/^[A-Z_]+=/.test(word) && word !== 'sudo');
  const kept = begin === -1 ? [] : words.slice(begin);
  const end = kept.findIndex((word) => /^\d?[<>]/.test(word));
  return end === -1 ? kept : kept.slice(0, end);
}
