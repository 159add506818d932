// Runs a program with a deadline, its output kept and streamed, its whole process group ended when time is up.
import { spawn } from 'node:child_process';

/** What a caller learns of a program while it runs. */
export interface RunWatch {
  /** Told the process group's number as soon as it exists. */
  readonly onStart?: (group: number) => void;
  readonly onOutput?: (stream: 'stdout' | 'stderr', text: string) => void;
}

export interface RunOptions extends RunWatch {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly stdin?: string;
  readonly timeoutMs: number;
}

export interface RunResult {
  readonly stdout: string;
  readonly stderr: string;
  /** The exit status; 128 + signal number as shells say it; 124 when the deadline ended it, 127 when it could not be started. */
  readonly status: number;
}

/** The end of a program's output is what tells why it failed; more than this is cut from its start. */
const keptCharacters = 900_000;
const signalNumbers: Readonly<Record<string, number>> = { SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGSEGV: 11, SIGTERM: 15 };

/** Never throws: a program that cannot be started has status 127 and the reason on stderr. */
export function runProgram(program: string, args: readonly string[], options: RunOptions): Promise<RunResult> {
  return new Promise((resolve) => {
    const env = options.env ?? process.env;
    const child = spawn(program, args, { cwd: options.cwd, env: { ...env }, stdio: 'pipe', detached: true });
    if (child.pid !== undefined) options.onStart?.(child.pid);
    const kept = { stdout: '', stderr: '' };
    let timedOut = false;
    const take = (stream: 'stdout' | 'stderr', text: string) => {
      kept[stream] = (kept[stream] + text).slice(-keptCharacters);
      options.onOutput?.(stream, text);
    };
    child.stdout.setEncoding('utf8').on('data', (text: string) => take('stdout', text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => take('stderr', text));
    // A program may end without reading its input.
    child.stdin.on('error', () => child.stdin.destroy());
    child.stdin.end(options.stdin ?? '');
    const timer = setTimeout(() => {
      timedOut = true;
      take('stderr', `\nended after ${options.timeoutMs / 1000} s without result\n`);
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    }, options.timeoutMs);
    child.on('error', (error) => {
      clearTimeout(timer);
      resolve({ ...kept, stderr: `${kept.stderr}${program}: ${error.message}\n`, status: 127 });
    });
    const end = (status: number | null, signal: NodeJS.Signals | null) => {
      clearTimeout(timer);
      resolve({ ...kept, status: timedOut ? 124 : (status ?? 128 + (signalNumbers[signal ?? ''] ?? 0)) });
    };
    // A service that a script started keeps its pipes open for ever: the script's own end counts, and what it had printed by then.
    child.on('exit', (status, signal) => {
      const grace = setTimeout(() => {
        child.stdout.destroy();
        child.stderr.destroy();
        end(status, signal);
      }, 1_000);
      child.on('close', () => {
        clearTimeout(grace);
        end(status, signal);
      });
    });
  });
}
