// A run that outlived its agent: it is ended before the deployment runs again.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isObject, numberOf, textOf } from '../../parse.ts';
import { readIfThere, readJsonFile, writeWhole } from '../files.ts';

export interface Leftovers {
  /** Notes that this process group runs a deployment now. */
  started(group: number): Promise<void>;
  ended(): Promise<void>;
  /** Kills what an earlier agent left running, if it still does; answers its process group. */
  endLast(): Promise<number | undefined>;
}

/** Notes are kept in `folder`; `proc` tells processes that have got an old number from the one that was started. */
export function leftoversIn(folder: string, proc: string): Leftovers {
  const file = join(folder, 'running.json');
  const startTime = async (group: number) => {
    // The name may hold spaces and brackets; the start time is the 20th field behind it (proc(5)).
    const stat = await readIfThere(join(proc, String(group), 'stat'));
    return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  };
  return {
    async started(group) {
      await writeWhole(file, JSON.stringify({ group, start: await startTime(group) }));
    },
    ended: () => rm(file, { force: true }),
    async endLast() {
      const note = await readJsonFile(file);
      const group = note && numberOf(note, 'group');
      const start = note && textOf(note, 'start');
      await rm(file, { force: true });
      if (group === undefined || start === undefined || (await startTime(group)) !== start) return undefined;
      try {
        process.kill(-group, 'SIGKILL');
      } catch (thrown) {
        // It ended by itself a moment ago.
        if (!(isObject(thrown) && thrown.code === 'ESRCH')) throw thrown;
        return undefined;
      }
      return group;
    },
  };
}
