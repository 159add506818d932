// Runs one command at a time, remembering each with its result for as long as the ramdisk lives.

import type { Clock } from '../clock.ts';
import { AgentError, asAgentError } from '../errors.ts';
import type { Json } from '../parse.ts';
import type { Command } from '../protocol.ts';
import type { CommandEntry } from './commands.ts';
import type { Machine } from './machine.ts';

interface Running {
  command: Command;
  readonly entry: CommandEntry;
  readonly fingerprint: string;
  readonly done: Promise<void>;
}

export interface ExecutorOptions {
  readonly machine: Machine;
  readonly commands: Readonly<Record<string, CommandEntry>>;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly log: (line: string) => void;
  /** Called when a command has ended; not for those that are answered by their result. */
  readonly ended: () => void;
}

export interface Executor {
  /**
   * Starts a command and answers its id. The same command with the same parameters, sent again while it runs, joins the running one.
   * Throws AgentError `unknownCommand` or `busy`.
   */
  start(name: string, params: Json): string;
  get(id: string): Command | undefined;
  list(): readonly Command[];
  /** Ends when the command has ended; at once for one that is not running. */
  finished(id: string): Promise<void>;
  /** Whether the command is answered by its result alone, wait or no wait. */
  isAnsweredAtOnce(id: string): boolean;
  /** Tells that a command's result was handed out, so what ends this system may go on. */
  delivered(id: string): void;
}

/** How long a command that ends this system waits for somebody to fetch its result; conductors only watch the power. */
const patienceMs = 1_000;

export function createExecutor(options: ExecutorOptions): Executor {
  const all = new Map<string, Running>();
  const delivered = new Map<string, () => void>();
  const running = () => [...all.values()].filter((entry) => entry.command.command_status === 'RUNNING');

  async function execute(id: string, entry: CommandEntry, params: Json): Promise<void> {
    const name = all.get(id)?.command.command_name ?? id;
    const settle = (end: Partial<Command>) => {
      const known = all.get(id);
      if (known) known.command = { ...known.command, ...end };
    };
    try {
      const outcome = await entry.run(options.machine, params, (next) => {
        const known = all.get(id);
        if (known) known.command = { ...known.command, command_result: { ...next } };
      });
      const { afterwards } = outcome;
      settle({ command_status: 'SUCCEEDED', command_result: outcome.result });
      options.log(`${name} succeeded`);
      if (afterwards) {
        const handedOut = new AbortController();
        delivered.set(id, () => handedOut.abort());
        void options.clock
          .sleep(patienceMs, handedOut.signal)
          .then(afterwards)
          .catch((thrown: unknown) => {
            const error = asAgentError(thrown);
            settle({ command_status: 'FAILED', command_error: describe(error) });
            options.log(`${name} failed afterwards: ${error.details}`);
            options.ended();
          });
      }
    } catch (thrown) {
      const error = asAgentError(thrown);
      const status = error.kind === 'cleanVersion' ? 'CLEAN_VERSION_MISMATCH' : 'FAILED';
      settle({ command_status: status, command_error: describe(error), command_result: null });
      options.log(`${name} failed: ${error.details}`);
    }
    if (!entry.atOnce) options.ended();
  }

  return {
    start(name, params) {
      const entry = options.commands[name];
      if (!entry) throw new AgentError('unknownCommand', `Unknown command: ${name}`);
      const fingerprint = `${name} ${JSON.stringify(params)}`;
      const same = running().find((known) => known.fingerprint === fingerprint);
      if (same) return same.command.id;
      const blocking = entry.quick ? undefined : running().find((known) => !known.entry.quick);
      if (blocking)
        throw new AgentError('busy', `the agent is busy: ${blocking.command.command_name} is still running`);
      const id = options.newId();
      let begin = () => {};
      const done = new Promise<void>((resolve) => {
        begin = resolve;
      }).then(() => execute(id, entry, params));
      const command: Command = {
        id,
        command_name: name.split('.').pop() ?? name,
        command_status: 'RUNNING',
        command_error: null,
        command_result: null,
      };
      all.set(id, { command, entry, fingerprint, done });
      options.log(`${name} started`);
      begin();
      return id;
    },
    get: (id) => all.get(id)?.command,
    list: () => [...all.values()].map((entry) => entry.command),
    finished: async (id) => all.get(id)?.done,
    isAnsweredAtOnce: (id) => all.get(id)?.entry.atOnce === true,
    delivered(id) {
      delivered.get(id)?.();
      delivered.delete(id);
    },
  };
}

function describe(error: AgentError): NonNullable<Command['command_error']> {
  return { type: error.type, code: error.code, message: `${error.message}. ${error.hint}`, details: error.details };
}
