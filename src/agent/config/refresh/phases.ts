// Runs the phases that bring a machine to its configuration, as os-refresh-config does.
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../clock.ts';
import { asAgentError } from '../../errors.ts';
import { withLock } from './lock.ts';
import { runParts } from './run-parts.ts';

export const phases = ['pre-configure', 'configure', 'post-configure', 'migration'] as const;
export type Phase = (typeof phases)[number];

export interface RefreshOptions {
  /** Folder that holds PHASE.d. */
  readonly folder: string;
  readonly lockFile: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** For all scripts together. */
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly log: (line: string) => void;
  /** What belongs to a phase besides its scripts; runs before or after them. */
  readonly before?: Partial<Record<Phase, () => Promise<void>>>;
  readonly after?: Partial<Record<Phase, () => Promise<void>>>;
}

/** Runs all phases in order; a failure runs the programs of error.d and ends it. Throws AgentError `refresh` or `locked`. */
export function refresh(options: RefreshOptions): Promise<void> {
  return withLock(options.lockFile, async () => {
    let deadline = options.clock.now() + options.timeoutMs;
    // Deployments and templates have deadlines of their own and must not eat up that of the scripts.
    const beside = async (work: (() => Promise<void>) | undefined) => {
      const started = options.clock.now();
      await work?.();
      deadline += options.clock.now() - started;
    };
    const parts = (name: string) =>
      runParts({ ...options, folder: join(options.folder, `${name}.d`), deadline, now: options.clock.now });
    try {
      for (const phase of phases) {
        await beside(options.before?.[phase]);
        await parts(phase);
        await beside(options.after?.[phase]);
      }
    } catch (thrown) {
      options.log(asAgentError(thrown).message);
      await parts('error').catch((second: unknown) => options.log(`error.d: ${asAgentError(second).message}`));
      throw thrown;
    }
  });
}

/** The first of the folders that exists, else the first. */
export async function firstFolder(folders: readonly string[]): Promise<string> {
  for (const folder of folders) {
    const found = await stat(folder).then(
      (entry) => entry.isDirectory(),
      () => false,
    );
    if (found) return folder;
  }
  return folders[0] ?? '/';
}
