// Reads the body of an HTTP response in large blocks, straight from the socket.
import type { Socket } from 'node:net';
import { AgentError } from '../../errors.ts';
import { open } from '../../http.ts';

export interface Body {
  readonly status: number;
  /** Bytes that this response will bring, when the server says so. */
  readonly contentLength: number | undefined;
  readonly blocks: AsyncGenerator<Buffer, void>;
}

const blockBytes = 1 << 20;
const headLimitBytes = 64 << 10;

/**
 * GET of `url` from byte `from` on. Under emulation Node's own HTTP client spends five times as long on each byte as the kernel does, and
 * small writes to a pipe as long again; hence the bare socket with one reused buffer, and blocks of 1 MiB. Throws AgentError `unreachable`.
 */
export async function openBody(url: string, from: number, idleMs: number): Promise<Body> {
  const { protocol, hostname, port, pathname, search, host } = new URL(url);
  if (protocol !== 'http:') return openSecureBody(url, from, idleMs);
  const { connect } = await import('node:net');
  const queue = blockQueue();
  return new Promise((resolve, reject) => {
    let head = Buffer.alloc(0);
    let inBody = false;
    const fail = (reason: string, cause?: unknown) => {
      const error = new AgentError('unreachable', `${url}: ${reason}`, { cause });
      socket.destroy();
      reject(error);
      queue.end(error);
    };
    const take = (bytes: Buffer): boolean => {
      if (inBody) return queue.add(bytes);
      head = Buffer.concat([head, bytes]);
      const end = head.indexOf('\r\n\r\n');
      if (end < 0) {
        if (head.length > headLimitBytes) fail('the head of the answer does not end');
        return true;
      }
      inBody = true;
      const answer = parseHead(head.toString('latin1', 0, end));
      if (answer.chunked) fail('the server answers HTTP/1.0 in chunks');
      // Nobody reads the body of a refusal.
      if (answer.status >= 300) socket.destroy();
      resolve({ ...answer, blocks: queue.blocks(socket) });
      return queue.add(head.subarray(end + 4));
    };
    const socket = connect({
      host: hostname.replace(/^\[|\]$/g, ''),
      port: Number(port || 80),
      onread: {
        buffer: Buffer.allocUnsafe(64 << 10),
        callback: (count, buffer) => take(Buffer.from(buffer.buffer, 0, count)),
      },
    });
    const range = from > 0 ? `Range: bytes=${from}-\r\n` : '';
    // HTTP/1.0: one answer in one piece, then the connection ends.
    socket.write(`GET ${pathname}${search} HTTP/1.0\r\nHost: ${host}\r\n${range}\r\n`);
    socket.setTimeout(idleMs, () => {
      // Silence while the disk is behind is ours, not the server's.
      if (!queue.full()) fail(`no byte for ${idleMs / 1000} s`);
    });
    socket.on('error', (cause) => fail(cause.message, cause));
    socket.on('end', () => (inBody ? queue.end() : fail('the connection ended before the answer')));
  });
}

interface BlockQueue {
  /** Copies bytes in; false when the reader is behind. */
  add(bytes: Buffer): boolean;
  full(): boolean;
  end(error?: Error): void;
  blocks(socket: Socket): AsyncGenerator<Buffer, void>;
}

function blockQueue(): BlockQueue {
  const ready: Buffer[] = [];
  let block = Buffer.allocUnsafe(blockBytes);
  let filled = 0;
  let ended = false;
  let failure: Error | undefined;
  let wake = () => {};
  return {
    add(bytes) {
      for (let at = 0; at < bytes.length; ) {
        const count = bytes.copy(block, filled, at);
        at += count;
        filled += count;
        if (filled < blockBytes) continue;
        ready.push(block);
        block = Buffer.allocUnsafe(blockBytes);
        filled = 0;
        wake();
      }
      return ready.length < 2;
    },
    full: () => ready.length >= 2,
    end(error) {
      ended = true;
      failure ??= error;
      wake();
    },
    async *blocks(socket) {
      try {
        for (;;) {
          const next = ready.shift();
          if (next) {
            socket.resume();
            yield next;
          } else if (ended) {
            const rest = block.subarray(0, filled);
            filled = 0;
            // What arrived before a failure counts: the download goes on behind it.
            if (rest.length > 0) yield rest;
            if (failure) throw failure;
            return;
          } else {
            await new Promise<void>((resolve) => {
              wake = resolve;
            });
          }
        }
      } finally {
        socket.destroy();
      }
    },
  };
}

function parseHead(head: string): { status: number; contentLength: number | undefined; chunked: boolean } {
  const status = Number(/^HTTP\/1\.\d (\d{3})/.exec(head)?.[1] ?? 0);
  const length = /^content-length:\s*(\d+)\s*$/im.exec(head)?.[1];
  return {
    status,
    contentLength: length === undefined ? undefined : Number(length),
    chunked: /^transfer-encoding:\s*chunked/im.test(head),
  };
}

async function openSecureBody(url: string, from: number, idleMs: number): Promise<Body> {
  const response = await open(url, { idleMs, headers: from > 0 ? { range: `bytes=${from}-` } : {} });
  const length = response.headers['content-length'];
  return {
    status: response.statusCode ?? 0,
    contentLength: length === undefined ? undefined : Number(length),
    blocks: chunksOf(response),
  };
}

async function* chunksOf(response: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void> {
  yield* response;
}
