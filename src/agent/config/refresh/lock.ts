// Keeps two refreshes from running at once.
import { mkdir, open, readFile, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { AgentError } from '../../errors.ts';
import { isObject } from '../../parse.ts';

/** Runs `work` while holding the lock file. A lock whose process is gone is taken over. Throws AgentError `locked`. */
export async function withLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  await mkdir(dirname(path), { recursive: true });
  await take(path);
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
  }
}

async function take(path: string): Promise<void> {
  for (let attempt = 0; attempt < 2; attempt += 1) {
    try {
      const file = await open(path, 'wx');
      await file.writeFile(String(process.pid));
      await file.close();
      return;
    } catch (thrown) {
      if (!isObject(thrown) || thrown.code !== 'EEXIST') throw thrown;
      const holder = Number(await readFile(path, 'utf8').catch(() => ''));
      if (Number.isInteger(holder) && holder > 0 && alive(holder)) {
        throw new AgentError('locked', `process ${holder} holds ${path}`);
      }
      await rm(path, { force: true });
    }
  }
  throw new AgentError('locked', `${path} is taken`);
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    return isObject(thrown) && thrown.code === 'EPERM';
  }
}
