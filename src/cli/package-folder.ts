// Where the program is installed: the folder that holds elements/, migrations/ and dist/.
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

export function packageFolder(): string {
  let folder = import.meta.dirname;
  while (!existsSync(join(folder, 'migrations'))) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error('the package is damaged: its folder migrations/ is missing');
    folder = parent;
  }
  return folder;
}
