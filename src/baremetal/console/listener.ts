// Serves one machine's console on a TCP port: to one client at a time, each with a terminal of its own.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { createServer, type Socket } from 'node:net';
import type { ConsoleCommand } from '../../hardware/index.ts';

export interface ListenerOptions {
  readonly host: string;
  readonly port: number;
  /** A client that is silent this long, both ways, has to go. */
  readonly idleMs: number;
  /** Asked for each client: the credentials may have changed. */
  readonly command: () => Promise<ConsoleCommand>;
  readonly failed: (error: unknown) => void;
}

export interface ConsoleListener {
  readonly port: number;
  /** Ends the client that there is. */
  disconnect(): void;
  close(): Promise<void>;
}

/** How long freeing the console on the BMC may take. */
const releaseMs = 15_000;

/** Resolves when it listens. Throws the listener's error, such as a port that is taken. */
export async function listenForConsole(options: ListenerOptions): Promise<ConsoleListener> {
  let client: Socket | undefined;
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    if (client) {
      socket.end('Somebody else has this console.\r\n');
      return;
    }
    client = socket;
    attend(socket, options)
      .catch((error: unknown) => {
        options.failed(error);
        socket.end('The console cannot be opened; the log of the server says why.\r\n');
      })
      .finally(() => {
        client = undefined;
      });
  });
  await new Promise<void>((listening, failed) => {
    server.once('error', failed);
    server.listen(options.port, options.host, listening);
  });
  server.on('error', options.failed);
  const disconnect = () => client?.destroy();
  return {
    port: options.port,
    disconnect,
    async close() {
      disconnect();
      await new Promise((closed) => server.close(closed));
    },
  };
}

/** Until the client has gone, or the program that shows the console has ended. */
async function attend(socket: Socket, { command, idleMs }: ListenerOptions): Promise<void> {
  const { show, release, environment } = await command();
  const env = { PATH: process.env.PATH, LC_ALL: 'C', TERM: 'vt100', ...environment };
  // A client that was cut off before leaves its session on the BMC, which has but one.
  await run(release, env);
  if (socket.destroyed) return;
  const shown = openTerminal(show, env);
  shown.stdout?.on('data', (bytes: Buffer) => socket.write(bytes));
  socket.on('data', (bytes: Buffer) => shown.stdin?.write(bytes));
  shown.stdin?.on('error', () => socket.destroy());
  socket.setTimeout(idleMs, () => socket.destroy());
  const end = () => shown.kill('SIGKILL');
  socket.once('close', end);
  await new Promise<void>((ended, failed) => {
    shown.once('error', failed);
    shown.once('exit', () => ended());
  });
  socket.end();
  await run(release, env);
}

/**
 * The program on a terminal, which the shell's `script` makes: ipmitool shows a console on nothing else. When its terminal
 * goes, the program is hung up, and the terminal goes with `script`, which goes with this process.
 */
function openTerminal(words: readonly string[], env: NodeJS.ProcessEnv): ChildProcess {
  const text = words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
  return spawn('setpriv', ['--pdeathsig', 'KILL', 'script', '-qefc', `exec ${text}`, '/dev/null'], {
    env: { ...env, SHELL: '/bin/sh' },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
}

/** A console that nobody has cannot be freed, which most BMCs call an error. */
function run([program = '', ...words]: readonly string[], env: NodeJS.ProcessEnv): Promise<void> {
  return new Promise((ended) => {
    execFile(program, words, { env, timeout: releaseMs, killSignal: 'SIGKILL' }, () => ended());
  });
}
