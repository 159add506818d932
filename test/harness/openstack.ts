// The real `openstack` command: one start of it carries out many commands, because a start alone takes a second.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

export interface Finished {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

// biome-ignore lint/suspicious/noExplicitAny: each command prints a shape of its own, which the tests then check.
export type Printed = any;

export interface OpenStack {
  /** Runs one command, given as words, or as one line that is split at spaces. */
  run(words: string | readonly string[]): Promise<Finished>;
  /** What a command prints with `-f json`. Throws with its complaint when it fails. */
  json(words: string | readonly string[]): Promise<Printed>;
  /** Runs a command that prints nothing worth reading. Throws with its complaint when it fails. */
  ok(words: string | readonly string[]): Promise<void>;
  /** The complaint of a command that must fail. Throws when it succeeds. */
  refused(words: string | readonly string[]): Promise<string>;
  close(): void;
}

export interface OpenStackOptions {
  readonly cloudsFile: string;
  readonly cloud?: string;
  /** Logs in with these variables (OS_USERNAME, ...) instead of an entry of clouds.yaml. */
  readonly variables?: Readonly<Record<string, string>>;
  /** Options of the command itself, such as `--os-placement-api-version`. */
  readonly options?: readonly string[];
}

function environment({ cloudsFile, cloud = 'undercloud', variables }: OpenStackOptions): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('OS_'));
  return { ...Object.fromEntries(own), ...(variables ?? { OS_CLIENT_CONFIG_FILE: cloudsFile, OS_CLOUD: cloud }) };
}

function wordsOf(words: string | readonly string[]): readonly string[] {
  return typeof words === 'string' ? words.split(' ').filter((word) => word !== '') : words;
}

/** Runs `/usr/bin/openstack` once, as a person would. */
export async function openstackOnce(options: OpenStackOptions, words: string): Promise<string> {
  const { stdout } = await promisify(execFile)('/usr/bin/openstack', [...wordsOf(words)], {
    env: environment(options),
  });
  return stdout;
}

/** Keeps Debian's client running in one process; commands are carried out one after the other. */
export function openOpenStack(options: OpenStackOptions): OpenStack {
  const child: ChildProcess = spawn(
    'setpriv',
    [
      '--pdeathsig',
      'KILL',
      '/usr/bin/python3',
      '-u',
      `${import.meta.dirname}/openstack-session.py`,
      ...(options.options ?? []),
    ],
    { env: environment(options), stdio: ['pipe', 'pipe', 'pipe'] },
  );
  let complaints = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    complaints += chunk.toString();
  });
  const lines: AsyncIterator<string> | undefined = child.stdout
    ? createInterface({ input: child.stdout })[Symbol.asyncIterator]()
    : undefined;
  const next = async (): Promise<Finished> => {
    const line = await lines?.next();
    if (!line || line.done) throw new Error(`the openstack command ended by itself: ${complaints}`);
    return JSON.parse(line.value);
  };
  let turn: Promise<unknown> = next();
  const run = (words: string | readonly string[]): Promise<Finished> => {
    const finished = turn.then(() => {
      child.stdin?.write(`${JSON.stringify(wordsOf(words))}\n`);
      return next();
    });
    turn = finished.catch(() => undefined);
    return finished;
  };
  const succeed = async (words: string | readonly string[]): Promise<Finished> => {
    const finished = await run(words);
    if (finished.status !== 0) throw new Error(`openstack ${wordsOf(words).join(' ')}: ${finished.stderr.trim()}`);
    return finished;
  };
  return {
    run,
    json: async (words) => JSON.parse((await succeed([...wordsOf(words), '-f', 'json'])).stdout),
    ok: async (words) => void (await succeed(words)),
    refused: async (words) => {
      const finished = await run(words);
      if (finished.status === 0) throw new Error(`openstack ${wordsOf(words).join(' ')} succeeded`);
      return finished.stderr.trim();
    },
    close: () => void child.kill('SIGKILL'),
  };
}
