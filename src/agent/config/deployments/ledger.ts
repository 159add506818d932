// Remembers on disk which deployments ran with which result, and whose results are still to be sent.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isObject, type Json, objectOf, textOf } from '../../parse.ts';
import { readJsonFile, writeWhole } from '../files.ts';

export interface LedgerEntry {
  readonly id: string;
  readonly digest: string;
  /** `started` was cut short by a crash or reboot and runs again; `finished` waits for its acknowledgement. */
  readonly state: 'started' | 'finished' | 'acknowledged';
  /** The whole deployment, so that its result can be sent even when it has left the metadata. */
  readonly entry: Json;
  readonly result: Json | undefined;
}

export interface Ledger {
  get(id: string): Promise<LedgerEntry | undefined>;
  put(entry: LedgerEntry): Promise<void>;
  /** Marks a finished entry as delivered, unless the deployment has run anew meanwhile. */
  acknowledge(entry: LedgerEntry): Promise<void>;
  /** Finished ones without acknowledgement, in order of id. */
  unacknowledged(): Promise<readonly LedgerEntry[]>;
}

/** The ledger in `folder`, one file per deployment. */
export function openLedger(folder: string): Ledger {
  const path = (id: string) => join(folder, `${id.replace(/[^\w.-]/g, '_')}.json`);
  const read = async (file: string): Promise<LedgerEntry | undefined> => {
    const value = await readJsonFile(file);
    const state = value && textOf(value, 'state');
    if (!value || (state !== 'started' && state !== 'finished' && state !== 'acknowledged')) return undefined;
    const id = textOf(value, 'id');
    const digest = textOf(value, 'digest');
    if (id === undefined || digest === undefined) return undefined;
    return { id, digest, state, entry: objectOf(value, 'entry') ?? {}, result: objectOf(value, 'result') };
  };
  const write = (entry: LedgerEntry) => writeWhole(path(entry.id), JSON.stringify(entry));
  let last: Promise<void> = Promise.resolve();
  // One change after the other; a failed one is its caller's to see and does not stop the next.
  const inTurn = (change: () => Promise<void>): Promise<void> => {
    last = last.then(change, change);
    return last;
  };
  return {
    get: (id) => read(path(id)),
    put: (entry) => inTurn(() => write(entry)),
    acknowledge: (entry) =>
      inTurn(async () => {
        const present = await read(path(entry.id));
        if (present?.state === 'finished' && present.digest === entry.digest)
          await write({ ...entry, state: 'acknowledged' });
      }),
    async unacknowledged() {
      const found: LedgerEntry[] = [];
      for (const name of await entries(folder)) {
        const entry = name.endsWith('.json') ? await read(join(folder, name)) : undefined;
        if (entry?.state === 'finished') found.push(entry);
      }
      return found;
    },
  };
}

async function entries(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (thrown) {
    if (isObject(thrown) && thrown.code === 'ENOENT') return [];
    throw thrown;
  }
}
