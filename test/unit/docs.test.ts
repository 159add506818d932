// Documentation names commands, flags, scripts and files that exist.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { expect, test } from 'vitest';
import { createProgram } from '../../src/cli/program.ts';
import { faultOf } from './documented-command.ts';
import { shellCommands } from './shell-words.ts';

const root = join(import.meta.dirname, '..', '..');
const scripts: Record<string, unknown> = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).scripts;
const program = await createProgram();

function markdownFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (entry.name === 'node_modules' || entry.name.startsWith('.')) return [];
    const path = join(folder, entry.name);
    return entry.isDirectory() ? markdownFiles(path) : entry.name.endsWith('.md') ? [path] : [];
  });
}

interface Session {
  readonly file: string;
  readonly words: readonly string[];
}

const files = markdownFiles(root);
const sessions: Session[] = files.flatMap((file) => {
  const text = readFileSync(file, 'utf8');
  return [...text.matchAll(/^```(?:sh)?\n([\s\S]*?)^```$/gm)].flatMap(([, block = '']) =>
    shellCommands(block).map((words) => ({ file: relative(root, file), words })),
  );
});
const generated = (file: string) => file.startsWith('docs/reference/commands');

test('every undercloud command in the documentation exists with its flags and arguments', () => {
  const faults = sessions
    .filter(({ file, words }) => !generated(file) && /^(bin\/)?undercloud$/.test(words[0] ?? ''))
    .flatMap(({ file, words }) => {
      const fault = faultOf(program, words.slice(1));
      return fault === undefined ? [] : [`${file}: ${words.join(' ')}: ${fault}`];
    });
  expect(faults).toEqual([]);
});

test('no document holds the marks of a merge that was not finished', () => {
  expect(files.filter((file) => /^(<{7}|>{7}) /m.test(readFileSync(file, 'utf8')))).toEqual([]);
});

test('every npm script in the documentation exists', () => {
  const named = sessions.flatMap(({ file, words }) => {
    if (words[0] !== 'npm') return [];
    const name = words[1] === 'run' ? words[2] : words[1] === 'test' ? 'test' : undefined;
    return name === undefined || name in scripts ? [] : [`${file}: npm run ${name}`];
  });
  expect(named).toEqual([]);
});

test('every link between documents leads to a file', () => {
  const broken = files.flatMap((file) => {
    const text = readFileSync(file, 'utf8').replaceAll(/^```[\s\S]*?^```$/gm, '');
    return [...text.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)].flatMap(([, target = '']) =>
      /^[a-z]+:/.test(target) || existsSync(join(dirname(file), target)) ? [] : [`${relative(root, file)}: ${target}`],
    );
  });
  expect(broken).toEqual([]);
});

test.each([
  ['an unknown command', ['rack', 'explode']],
  ['an unknown flag', ['deploy', 'x', '--quick']],
  ['a missing argument', ['node', 'import']],
  ['one argument too many', ['status', 'a', 'b']],
  ['a value that is no choice', ['rack', 'up', '--kind', 'vax']],
])('the check above finds %s', (_what, words) => {
  expect(faultOf(program, words)).toBeDefined();
});

test('a session is split at pipes and semicolons, and comments are no words', () => {
  expect(shellCommands("A=1 undercloud plan x -P 'a=b c' | head -2; undercloud status # all of it\n# nothing")).toEqual(
    [
      ['undercloud', 'plan', 'x', '-P', 'a=b c'],
      ['head', '-2'],
      ['undercloud', 'status'],
    ],
  );
});
