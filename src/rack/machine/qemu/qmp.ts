// A client of QEMU's machine protocol (QMP): commands, their answers, and events.
import { connect, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { type Static, Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { rackErrors } from '../../errors.ts';

const Message = Type.Object({
  event: Type.Optional(Type.String()),
  data: Type.Optional(Type.Unknown()),
  id: Type.Optional(Type.Integer()),
  return: Type.Optional(Type.Unknown()),
  error: Type.Optional(Type.Object({ class: Type.String(), desc: Type.String() })),
});
type Message = Static<typeof Message>;

function reasonOf(data: unknown): string {
  const reason = typeof data === 'object' && data !== null && 'reason' in data ? data.reason : undefined;
  return typeof reason === 'string' ? reason : '';
}

/** A monitor that says nothing for this long is taken for dead. */
const answerLimitMs = 10_000;

export interface MonitorListener {
  /** An event, with its reason where it has one. */
  event(name: string, reason: string): void;
  closed(): void;
}

interface Waiting {
  readonly command: string;
  done(value: unknown): void;
  failed(error: unknown): void;
}

export class Monitor {
  readonly #socket: Socket;
  readonly #waiting = new Map<number, Waiting>();
  readonly #listener: MonitorListener;
  readonly #machine: string;
  #nextId = 1;
  #rest = '';

  constructor(socket: Socket, machine: string, listener: MonitorListener) {
    this.#socket = socket;
    this.#machine = machine;
    this.#listener = listener;
    socket.setEncoding('utf8');
    socket.on('data', (text: string) => this.#read(text));
    // An error is always followed by close, where everything waiting is told.
    socket.on('error', () => undefined);
    socket.on('close', () => this.#closed());
  }

  /** Runs one command. Throws `monitor-refused` with QEMU's reason, or `monitor-lost`. */
  execute(command: string, parameters?: Readonly<Record<string, unknown>>): Promise<unknown> {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(id);
        reject(rackErrors.monitorLost(this.#machine));
      }, answerLimitMs);
      const settle =
        <T>(how: (value: T) => void) =>
        (value: T): void => {
          clearTimeout(timer);
          how(value);
        };
      this.#waiting.set(id, { command, done: settle(resolve), failed: settle(reject) });
      if (this.#socket.destroyed) this.#closed();
      else
        this.#socket.write(
          `${JSON.stringify({ execute: command, id, ...(parameters ? { arguments: parameters } : {}) })}\n`,
        );
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #read(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line.trim() !== '') this.#take(Value.Decode(Message, JSON.parse(line)));
    }
  }

  #take(message: Message): void {
    if (message.event !== undefined) {
      this.#listener.event(message.event, reasonOf(message.data));
      return;
    }
    if (message.id === undefined) return;
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if (message.error) waiting?.failed(rackErrors.monitorRefused(waiting.command, message.error.desc));
    else waiting?.done(message.return);
  }

  #closed(): void {
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const one of waiting) one.failed(rackErrors.monitorLost(this.#machine));
    this.#listener.closed();
  }
}

function open(path: string): Promise<Socket | undefined> {
  return new Promise((done) => {
    const socket = connect(path);
    socket.once('connect', () => done(socket));
    socket.once('error', () => done(undefined));
  });
}

/** Connects as soon as QEMU listens, for as long as `alive` says it may still come. Undefined when it ended before. */
export async function connectMonitor(
  path: string,
  machine: string,
  listener: MonitorListener,
  alive: () => boolean,
): Promise<Monitor | undefined> {
  while (alive()) {
    const socket = await open(path);
    if (socket) {
      const monitor = new Monitor(socket, machine, listener);
      await monitor.execute('qmp_capabilities');
      return monitor;
    }
    await wait(10);
  }
  return undefined;
}
