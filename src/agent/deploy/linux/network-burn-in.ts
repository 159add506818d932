// Loads the network between two machines: one sends as fast as it can, then the other, each for its time.
import { connect, createServer, type Socket } from 'node:net';
import { systemClock } from '../../clock.ts';
import { AgentError } from '../../errors.ts';
import type { Json } from '../../parse.ts';
import type { Report } from '../machine.ts';
import { rateMeter } from './rate.ts';

export interface NetworkBurnInOptions {
  /** The writer sends first. */
  readonly role: 'writer' | 'reader';
  /** The other machine's address. */
  readonly partner: string;
  readonly port: number;
  /** Of sending in each direction. */
  readonly seconds: number;
  /** How long one waits for the other. */
  readonly pairingSeconds: number;
  readonly report: Report;
}

/** At once: one connection does not fill a fast link. */
const connections = 8;
/** A connection over which nothing has come for so long is lost. */
const silenceMs = 60_000;
const retryMs = 1_000;
/** No two blocks of a page alike, so that nothing on the way can make them smaller. */
const block = Buffer.from(
  Uint32Array.from({ length: 16_384 }, (_, index) => Math.imul(index + 1, 2_654_435_761)).buffer,
);

/** Bytes per second in each direction. Throws AgentError `unreachable` when the partner does not come or is lost on the way. */
export async function burnInNetwork(options: NetworkBurnInOptions): Promise<Json> {
  const meter = rateMeter(systemClock, options.report);
  let total = 0;
  const count = (bytes: number) => {
    total += bytes;
    meter(total, 0);
  };
  const writes = options.role === 'writer';
  const first = await (writes ? send : receive)(options, count);
  const second = await (writes ? receive : send)(options, count);
  const [sent, received] = writes ? [first, second] : [second, first];
  return { sent_bytes_per_second: Math.round(sent), received_bytes_per_second: Math.round(received) };
}

type Count = (bytes: number) => void;

/** Listens, and sends over each connection that the partner makes. */
async function send({ port, seconds, pairingSeconds, partner }: NetworkBurnInOptions, count: Count): Promise<number> {
  const sockets = await accepted(port, pairingSeconds, partner);
  let bytes = 0;
  const end = Date.now() + seconds * 1000;
  const took = await timed(() =>
    each(sockets, partner, async (socket) => {
      while (Date.now() < end) {
        bytes += block.length;
        count(block.length);
        if (!socket.write(block)) await event(socket, 'drain');
      }
      const closed = event(socket, 'close');
      socket.end();
      socket.resume();
      await closed;
    }),
  );
  return bytes / took;
}

/** Connects until the partner listens, and takes what comes until it ends. */
async function receive({ partner, port, pairingSeconds }: NetworkBurnInOptions, count: Count): Promise<number> {
  const deadline = Date.now() + pairingSeconds * 1000;
  const sockets = [await connected(partner, port, deadline)];
  while (sockets.length < connections) sockets.push(await connected(partner, port, deadline));
  let bytes = 0;
  const took = await timed(() =>
    each(sockets, partner, async (socket) => {
      socket.on('data', (chunk) => {
        bytes += chunk.length;
        count(chunk.length);
      });
      await event(socket, 'end');
    }),
  );
  return bytes / took;
}

async function timed(work: () => Promise<void>): Promise<number> {
  const began = performance.now();
  await work();
  return Math.max(0.001, (performance.now() - began) / 1000);
}

async function each(
  sockets: readonly Socket[],
  partner: string,
  work: (socket: Socket) => Promise<void>,
): Promise<void> {
  try {
    await Promise.all(
      sockets.map((socket) => {
        socket.setTimeout(silenceMs, () => socket.destroy(new Error(`nothing came for ${silenceMs / 1000} s`)));
        return work(socket);
      }),
    );
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new AgentError('unreachable', `the connection to ${partner} was lost: ${reason}`, { cause });
  } finally {
    for (const socket of sockets) socket.destroy();
  }
}

function event(socket: Socket, name: 'drain' | 'end' | 'close'): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (error?: Error) => {
      socket.off(name, done).off('error', settle).off('close', lost);
      if (error) reject(error);
      else resolve();
    };
    const done = () => settle();
    const lost = () => settle(new Error('it was closed early'));
    socket.once(name, done).once('error', settle);
    if (name !== 'close') socket.once('close', lost);
  });
}

/** The partner's connections, all of them. */
async function accepted(port: number, seconds: number, partner: string): Promise<readonly Socket[]> {
  const server = createServer();
  const sockets: Socket[] = [];
  let timer: NodeJS.Timeout | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      const late = new AgentError('unreachable', `${partner} did not connect within ${seconds} s`);
      timer = setTimeout(() => reject(late), seconds * 1000);
      server.on('error', reject);
      server.on('connection', (socket) => {
        if (sockets.push(socket) === connections) resolve();
      });
      server.listen(port);
    });
    return sockets;
  } catch (thrown) {
    for (const socket of sockets) socket.destroy();
    throw thrown;
  } finally {
    clearTimeout(timer);
    server.close();
  }
}

async function connected(partner: string, port: number, deadline: number): Promise<Socket> {
  for (;;) {
    try {
      return await new Promise<Socket>((resolve, reject) => {
        const socket = connect({ host: partner, port, timeout: 10_000 });
        socket.once('error', reject).once('timeout', () => socket.destroy(new Error('no answer')));
        socket.once('connect', () => resolve(socket.off('error', reject).setTimeout(0)));
      });
    } catch (cause) {
      if (Date.now() + retryMs > deadline) {
        const reason = cause instanceof Error ? cause.message : String(cause);
        throw new AgentError('unreachable', `${partner} does not listen on port ${port}: ${reason}`, { cause });
      }
      await new Promise((again) => setTimeout(again, retryMs));
    }
  }
}
