// Hashes in threads of their own, so that the digests of one upload use several processors and the APIs go on answering.
import { createHash } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { type ChunkMemory, maxChunkBytes } from './cut.ts';

export interface RunningHash {
  /** Adds `bytes`, which lie in shared memory and must not change until this resolves. */
  update(bytes: Uint8Array): Promise<void>;
  /** The digest; the hash is over. Call it for one that is given up too. */
  digest(): Promise<Buffer>;
}

export interface Hashing {
  open(algorithm: 'md5' | 'sha512'): RunningHash;
  sha256(bytes: Uint8Array): Promise<Buffer>;
}

/** In this thread, at once: for less than what starting a thread costs. */
export const hashHere: Hashing = {
  open(algorithm) {
    const hash = createHash(algorithm);
    return { update: async (bytes) => void hash.update(bytes), digest: async () => hash.digest() };
  },
  sha256: async (bytes) => createHash('sha256').update(bytes).digest(),
};

/** What a thread is sent; it answers with the digest of a hash that ends, else with undefined. */
export interface HashMessage {
  /** Names the hash among those of this thread. */
  readonly hash: number;
  readonly algorithm: 'md5' | 'sha256' | 'sha512';
  readonly bytes?: Uint8Array;
  readonly end?: true;
}
type HashAnswer = Uint8Array | undefined;

interface Thread {
  readonly worker: Worker;
  /** Answers that are due, the oldest first. */
  readonly waiting: { resolve(answer: HashAnswer): void; reject(error: unknown): void }[];
  /** Hashes that have begun here and not ended. */
  open: number;
  failure?: unknown;
}

const atMost = Math.min(4, Math.max(2, availableParallelism()));
/** Threads end when nothing was hashed for so long: an idle server holds no memory for them. */
const defaultIdleMs = 5_000;

/** Buffers that are kept between two uploads. */
const maxSpare = 16;

export interface HashThreads extends Hashing {
  /**
   * Memory that the threads can read, used again and again: a thread that hashes makes so little garbage that it would hold
   * on to memory which nobody uses for a long time.
   */
  readonly memory: ChunkMemory;
}

/** Threads start when there is something to hash. */
export function createHashThreads({ idleMs = defaultIdleMs } = {}): HashThreads {
  let threads: Thread[] = [];
  let spare: SharedArrayBuffer[] = [];
  let hashes = 0;
  let idle: NodeJS.Timeout | undefined;

  function start(): Thread {
    const thread: Thread = { worker: newWorker(), waiting: [], open: 0 };
    const fail = (error: unknown) => {
      thread.failure ??= error;
      threads = threads.filter((one) => one !== thread);
      for (const { reject } of thread.waiting.splice(0)) reject(error);
    };
    thread.worker.on('message', (answer: HashAnswer) => thread.waiting.shift()?.resolve(answer));
    thread.worker.on('error', fail);
    thread.worker.on('exit', (code) => fail(new Error(`a hashing thread ended with ${code}`)));
    threads.push(thread);
    return thread;
  }

  /** The thread with the least to do; a new one while all are busy and another is allowed. */
  function choose(): Thread {
    const [least] = [...threads].sort((a, b) => a.open - b.open || a.waiting.length - b.waiting.length);
    return least && (least.open + least.waiting.length === 0 || threads.length >= atMost) ? least : start();
  }

  function ask(thread: Thread, message: HashMessage): Promise<HashAnswer> {
    return new Promise((resolve, reject) => {
      if (thread.failure !== undefined) return reject(thread.failure);
      thread.waiting.push({ resolve, reject });
      thread.worker.postMessage(message);
    });
  }

  function endIdle(): void {
    clearTimeout(idle);
    idle = setTimeout(() => {
      if (threads.some((thread) => thread.open + thread.waiting.length > 0)) return;
      for (const { worker } of threads.splice(0)) void worker.terminate();
      spare = [];
    }, idleMs).unref();
  }

  return {
    memory: {
      take: () => Buffer.from(spare.pop() ?? new SharedArrayBuffer(maxChunkBytes)),
      give({ buffer }) {
        if (buffer instanceof SharedArrayBuffer && spare.length < maxSpare) spare.push(buffer);
      },
    },
    open(algorithm) {
      const thread = choose();
      const hash = hashes++;
      thread.open++;
      return {
        update: async (bytes) => void (await ask(thread, { hash, algorithm, bytes })),
        async digest() {
          thread.open--;
          const digest = await ask(thread, { hash, algorithm, end: true });
          endIdle();
          return Buffer.from(digest ?? []);
        },
      };
    },
    async sha256(bytes) {
      const digest = await ask(choose(), { hash: hashes++, algorithm: 'sha256', bytes, end: true });
      endIdle();
      return Buffer.from(digest ?? []);
    },
  };
}

function newWorker(): Worker {
  const worker = new Worker(new URL('./hash-thread.js', import.meta.url), { name: 'hashing', execArgv: [] });
  worker.unref();
  return worker;
}
