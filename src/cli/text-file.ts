// Reads the files that a command line names.
import { readFileSync } from 'node:fs';
import { UsageError } from './usage-error.ts';

/** `what` says what the file is for. Throws UsageError that names the file and the reason. */
export function readTextFile(file: string, what: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError(`${what} ${file} cannot be read: ${reason}`, { cause });
  }
}
