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
  return {
    get: (id) => read(path(id)),
    put: (entry) => writeWhole(path(entry.id), JSON.stringify(entry)),
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
