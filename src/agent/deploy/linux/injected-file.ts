// Reads what deploy.inject_files is to do with one file, as ironic-python-agent documents it.
import { AgentError } from '../../errors.ts';
import { isObject, type Json } from '../../parse.ts';

export interface InjectedFile {
  /** Absolute, within its partition. */
  readonly path: string;
  /** Its number on the root disk, or its device node; undefined: the first that has the beginning of the path. */
  readonly partition: number | string | undefined;
  readonly deleted: boolean;
  /** A URL or base64; undefined: the file keeps what is in it. */
  readonly content: string | undefined;
  readonly mode: number | undefined;
  /** Of the folder, if it has to be made. */
  readonly dirmode: number | undefined;
  readonly owner: number | undefined;
  readonly group: number | undefined;
}

const known = ['path', 'partition', 'deleted', 'content', 'mode', 'dirmode', 'owner', 'group'];

/** Throws AgentError `invalidParams` that names the file and the member, before anything is written. */
export function parseInjectedFiles(given: readonly unknown[]): readonly InjectedFile[] {
  if (given.length === 0) throw new AgentError('invalidParams', 'inject_files is told no files');
  return given.map((one, index) => {
    const bad = (what: string) => new AgentError('invalidParams', `file ${index + 1} of inject_files: ${what}`);
    if (!isObject(one)) throw bad('is no object');
    const stranger = Object.keys(one).find((key) => !known.includes(key));
    if (stranger !== undefined) throw bad(`${stranger} is none of ${known.join(', ')}`);
    const { path, deleted = false, content } = one;
    if (typeof path !== 'string' || !/^\/.*[^/]$/.test(path)) throw bad('path must be the absolute path of a file');
    if (typeof deleted !== 'boolean') throw bad('deleted must be true or false');
    if (content !== undefined && content !== null && typeof content !== 'string') throw bad('content must be text');
    if (deleted && content) throw bad('content and deleted exclude each other');
    return {
      path,
      partition: partitionOf(one, bad),
      deleted,
      content: content ?? undefined,
      mode: modeOf(one, 'mode', bad),
      dirmode: modeOf(one, 'dirmode', bad),
      owner: idOf(one, 'owner', bad),
      group: idOf(one, 'group', bad),
    };
  });
}

type Bad = (what: string) => AgentError;

function partitionOf({ partition }: Json, bad: Bad): InjectedFile['partition'] {
  if (partition === undefined || partition === null) return undefined;
  if (typeof partition === 'number' && Number.isInteger(partition) && partition > 0) return partition;
  if (typeof partition === 'string' && partition.startsWith('/dev/')) return partition;
  throw bad('partition must be a number from 1 on or the path of a block device');
}

/** A number, or its octal digits as text. */
function modeOf(from: Json, key: string, bad: Bad): number | undefined {
  const given = from[key];
  if (given === undefined || given === null) return undefined;
  const mode =
    typeof given === 'string' && /^(0o?)?[0-7]+$/.test(given) ? Number.parseInt(given.replace('o', ''), 8) : given;
  if (typeof mode === 'number' && Number.isInteger(mode) && mode >= 0 && mode <= 0o7777) return mode;
  throw bad(`${key} must be a number up to 4095, or octal digits as text`);
}

function idOf(from: Json, key: string, bad: Bad): number | undefined {
  const given = from[key];
  if (given === undefined || given === null) return undefined;
  if (typeof given === 'number' && Number.isInteger(given) && given >= 0) return given;
  throw bad(`${key} must be a number: names mean nothing outside of the image`);
}
