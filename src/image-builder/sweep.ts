// Removes what builds that were killed left half done.
import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Removes entries of `folder` named WORD-PID-... whose process is gone; those of running builds, and finished layers, stay. */
export async function sweep(folder: string, running: (pid: number) => boolean = isRunning): Promise<void> {
  if (!existsSync(folder)) return;
  for (const name of await readdir(folder)) {
    const pid = /^(?:tree|disk|unfinished)-(\d+)-/.exec(name)?.[1];
    if (pid !== undefined && !running(Number(pid))) await rm(join(folder, name), { recursive: true, force: true });
  }
}

function isRunning(pid: number): boolean {
  return existsSync(`/proc/${pid}`);
}
