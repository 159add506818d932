// Finds a path within a mounted root as the system there would: its symbolic links never lead out of it.
import { lstat, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { AgentError } from '../../errors.ts';

/** As Linux has it. */
const mostLinks = 40;

/** `last`: whether a link at the very end is followed, or stands for itself. What is not there yet is taken as it is named. */
export async function within(root: string, path: string, last: 'follow' | 'keep' = 'keep'): Promise<string> {
  const ahead = parts(path);
  const behind: string[] = [];
  for (let links = 0; ; ) {
    const part = ahead.shift();
    if (part === undefined) return join(root, ...behind);
    if (part === '..') {
      behind.pop();
      continue;
    }
    const here = join(root, ...behind, part);
    const leads = ahead.length > 0 || last === 'follow' ? await linkAt(here) : undefined;
    if (leads === undefined) {
      behind.push(part);
      continue;
    }
    if (++links > mostLinks) throw new AgentError('invalidParams', `${path} leads through too many symbolic links`);
    if (leads.startsWith('/')) behind.length = 0;
    ahead.unshift(...parts(leads));
  }
}

const parts = (path: string): string[] => path.split('/').filter((part) => part !== '' && part !== '.');

async function linkAt(path: string): Promise<string | undefined> {
  try {
    return (await lstat(path)).isSymbolicLink() ? await readlink(path) : undefined;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
