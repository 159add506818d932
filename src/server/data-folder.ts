// The data folder: one server at a time, secrets that only its owner reads.
import { randomBytes } from 'node:crypto';
import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { StartError } from './errors.ts';

export interface DataFolder {
  readonly path: string;
  /** 32 bytes that seal what is encrypted at rest. */
  readonly secret: Buffer;
  readonly adminPassword: string;
  release(): void;
}

/** Opens (and at first makes) the folder and locks it for this process. Throws StartError with the pid of another holder. */
export function openDataFolder(given: string): DataFolder {
  const path = resolve(given);
  try {
    mkdirSync(path, { recursive: true, mode: 0o755 });
    accessSync(path, constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw new StartError(
      `the data folder ${path} cannot be written: ${cause instanceof Error ? cause.message : String(cause)}; choose another with --data`,
      { cause },
    );
  }
  const lock = join(path, 'undercloud.pid');
  takeLock(lock, path);
  return {
    path,
    secret: Buffer.from(
      keep(join(path, 'secret.key'), () => randomBytes(32).toString('hex')),
      'hex',
    ),
    adminPassword: keep(join(path, 'admin-password'), () => randomBytes(18).toString('base64url')),
    release: () => rmSync(lock, { force: true }),
  };
}

/** A link of a finished file either appears whole or not at all, so that two starters never both win. */
function takeLock(lock: string, path: string): void {
  const mine = `${lock}.${process.pid}`;
  writeFileSync(mine, `${process.pid} ${startTime(process.pid) ?? ''}\n`);
  try {
    for (let attempt = 0; attempt < 2; attempt++) {
      try {
        linkSync(mine, lock);
        return;
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
      }
      const [pid = '', started = ''] = readFileSync(lock, 'utf8').trim().split(' ');
      if (startTime(Number(pid)) === started && started !== '') {
        throw new StartError(
          `the data folder ${path} is in use by the process with pid ${pid}; stop that one first or choose another folder with --data`,
        );
      }
      rmSync(lock, { force: true }); // its holder is gone
    }
    throw new StartError(`the data folder ${path} is being opened by another process; try again`);
  } finally {
    rmSync(mine, { force: true });
  }
}

/** Start time of a process in clock ticks since boot (proc(5), /proc/PID/stat field 22); undefined when there is none. */
function startTime(pid: number): string | undefined {
  if (!Number.isInteger(pid) || !existsSync(`/proc/${pid}/stat`)) return undefined;
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
}

function keep(file: string, make: () => string): string {
  if (!existsSync(file)) {
    // Appears whole or not at all: an empty secret would open nothing any more.
    const partial = `${file}.partial`;
    writeFileSync(partial, `${make()}\n`, { mode: 0o600, flush: true });
    renameSync(partial, file);
  }
  chmodSync(file, 0o600);
  return readFileSync(file, 'utf8').trim();
}
