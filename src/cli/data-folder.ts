// Where a server of this machine keeps its files, for commands that need one of them.
import { defaultDataFolder } from '../server/index.ts';

/** `--data`, else the folder of a server that was not told otherwise. */
export function dataFolder(flag: string | undefined, env: NodeJS.ProcessEnv = process.env): string {
  return flag || defaultDataFolder(env);
}
