// A server's program as a process of its own, that a test may kill at any moment.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

const running = new Set<ChildProcess>();

export interface Killable {
  /** The line in which the program told where it listens. */
  readonly told: string;
  /** What it has said on standard error. */
  said(): string;
  kill(): Promise<void>;
}

/** Resolves when the program has told its line on standard output. */
export async function startKillable(
  program: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<Killable> {
  const child = spawn(process.execPath, [program, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...environment },
  });
  running.add(child);
  const ended = once(child, 'exit').then(() => running.delete(child));
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  const failed = ended.then(() => {
    throw new Error(`${program} ended: ${said}`);
  });
  const told: unknown[] = await Promise.race([once(child.stdout, 'data'), failed]);
  // From now on its end is what the test wants.
  failed.catch(() => undefined);
  return {
    told: String(told[0]).trim(),
    said: () => said,
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** For the end of a test file, whatever has happened. */
export function killAll(): void {
  for (const child of running) child.kill('SIGKILL');
}
