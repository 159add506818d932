// A thread that hashes: takes bytes of many hashes in turn, answers each message in its order. JavaScript, because no loader of TypeScript reaches a thread.
import { createHash } from 'node:crypto';
import { parentPort } from 'node:worker_threads';

/** @type {Map<number, import('node:crypto').Hash>} */
const running = new Map();

/** @param {import('./hash-threads.ts').HashMessage} message */
function answer({ hash: id, algorithm, bytes, end }) {
  const hash = running.get(id) ?? createHash(algorithm);
  if (bytes) hash.update(bytes);
  if (!end) {
    running.set(id, hash);
    return undefined;
  }
  running.delete(id);
  return new Uint8Array(hash.digest());
}

parentPort?.on('message', (message) => parentPort?.postMessage(answer(message)));
