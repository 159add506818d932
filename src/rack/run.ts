// Runs one system program to its end.
import { spawn } from 'node:child_process';
import { rackErrors } from './errors.ts';
import { isMissing } from './folder.ts';

/** Debian's package of each program the rack runs: named when the program is missing. */
const packages: Readonly<Record<string, string>> = {
  ip: 'iproute2',
  nsenter: 'util-linux',
  unshare: 'util-linux',
  'qemu-system-x86_64': 'qemu-system-x86',
};

export function packageOf(program: string): string {
  return packages[program] ?? program;
}

/** What the program wrote to its standard output. Throws `program-missing`, or `command-failed` with what it wrote to stderr. */
export async function run(program: string, args: readonly string[], input = ''): Promise<string> {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  const output: string[] = [];
  const complaints: string[] = [];
  child.stdout.setEncoding('utf8').on('data', (text: string) => output.push(text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => complaints.push(text));
  const code = await new Promise<number | null>((done, failed) => {
    child.on('error', (error) =>
      failed(isMissing(error) ? rackErrors.programMissing(program, packageOf(program)) : error),
    );
    // A program that ends before it has read its input is judged by its exit code.
    child.stdin.on('error', () => undefined);
    child.on('close', done);
    child.stdin.end(input);
  });
  if (code !== 0)
    throw rackErrors.commandFailed(`${program} ${args.join(' ')}`, complaints.join('') || output.join(''));
  return output.join('');
}
