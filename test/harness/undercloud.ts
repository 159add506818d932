// Starts the built `undercloud up` on a free port with a data folder of its own, and puts both away again.
import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { command } from './repository.ts';
import { until } from './until.ts';

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A process of the command, from its start to its end. */
export interface CommandRun {
  readonly pid: number;
  /** All it has written so far: standard output and standard error together. */
  output(): string;
  /** Resolves when the text has been written. Throws with the whole output when the process ends before. */
  says(text: string | RegExp): Promise<string>;
  readonly ended: Promise<Ended>;
  kill(signal: NodeJS.Signals): Promise<Ended>;
}

/** Runs `bin/undercloud` with these words; the process dies with the test. */
export function runCommand(words: readonly string[], env: NodeJS.ProcessEnv = {}): CommandRun {
  const child: ChildProcess = spawn('setpriv', ['--pdeathsig', 'KILL', process.execPath, command, ...words], {
    env: { ...process.env, NODE_OPTIONS: '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let over = false;
  child.stdout?.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  const ended = new Promise<Ended>((resolve) =>
    child.once('close', (code, signal) => {
      over = true;
      resolve({ code, signal });
    }),
  );
  return {
    pid: child.pid ?? 0,
    output: () => output,
    ended,
    says: (text) =>
      until(`"undercloud ${words.join(' ')}" says ${text}; it said:\n${output}`, () => {
        const found = typeof text === 'string' ? output.includes(text) && text : text.exec(output)?.[0];
        if (found) return found;
        if (over) throw new Error(`"undercloud ${words.join(' ')}" ended before it said ${text}; it said:\n${output}`);
        return undefined;
      }),
    kill: (signal) => {
      child.kill(signal);
      return ended;
    },
  };
}

/** Runs a command to its end and returns what it wrote. Throws with that when its status is not `status`. */
export async function finishCommand(
  words: readonly string[],
  { env, status = 0 }: { env?: NodeJS.ProcessEnv; status?: number } = {},
): Promise<string> {
  const run = runCommand(words, env);
  const { code } = await run.ended;
  if (code !== status) throw new Error(`"undercloud ${words.join(' ')}" ended with ${code}: ${run.output()}`);
  return run.output();
}

/** A folder that the database's unprivileged user can enter, gone after `remove`. */
export function temporaryFolder(): { path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'undercloud-test-'));
  chmodSync(path, 0o755);
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

export interface Undercloud {
  readonly folder: string;
  readonly cloudsFile: string;
  readonly run: CommandRun;
  /** `http://127.0.0.1:PORT` */
  readonly origin: string;
  /** The token of the admin project, issued for this server. */
  token(): Promise<string>;
  /** A call with that token; the answer's body is parsed as JSON when it is some. */
  call(method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  /** One structured line per request and whatever else was logged. */
  logLines(): Record<string, unknown>[];
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: each service answers with shapes of its own, which the tests then check.
  readonly body: any;
}

/** Serves on a free port until it is killed. Throws with its output when it does not come up. */
export async function up(
  folder: string,
  { flags = [], env = {} }: { flags?: readonly string[]; env?: NodeJS.ProcessEnv } = {},
): Promise<Undercloud> {
  const run = runCommand(['up', '--data', folder, '--listen', '127.0.0.1:0', ...flags], env);
  try {
    const [, origin = ''] = /serves at (\S+)/.exec(await run.says(/serves at \S+ \(up in [0-9.]+ s\)/)) ?? [];
    await run.says('OS_CLOUD=');
    return serving(folder, run, origin);
  } catch (error) {
    await run.kill('SIGKILL');
    throw error;
  }
}

function serving(folder: string, run: CommandRun, origin: string): Undercloud {
  let issued: Promise<string> | undefined;
  const token = () => {
    issued ??= issueToken(origin, readFileSync(join(folder, 'admin-password'), 'utf8').trim());
    return issued;
  };
  return {
    folder,
    cloudsFile: join(folder, 'clouds.yaml'),
    run,
    origin,
    token,
    call: async (method, path, body, headers = {}) => {
      const answer = await fetch(`${origin}${path}`, {
        method,
        headers: { 'x-auth-token': await token(), 'content-type': 'application/json', ...headers },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await answer.text();
      const json = answer.headers.get('content-type')?.includes('json') && text !== '';
      return { status: answer.status, headers: answer.headers, body: json ? JSON.parse(text) : text };
    },
    logLines: () =>
      readFileSync(join(folder, 'log', 'undercloud.log'), 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
  };
}

async function issueToken(origin: string, password: string): Promise<string> {
  const domain = { id: 'default' };
  const answer = await fetch(`${origin}/identity/v3/auth/tokens`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      auth: {
        identity: { methods: ['password'], password: { user: { name: 'admin', domain, password } } },
        scope: { project: { name: 'admin', domain } },
      },
    }),
  });
  const token = answer.headers.get('x-subject-token');
  if (!token) throw new Error(`no token: ${answer.status} ${await answer.text()}`);
  return token;
}
