// Named places where a test can hold the process and kill it.
import { readFileSync } from 'node:fs';
import type { Operation } from './operation.ts';

/** Reaches one of them: `STEP:PHASE`. */
export type PausePoint = (name: string) => Promise<void>;

const passBy: PausePoint = async () => undefined;

/**
 * The places that a run of this operation comes by, told as `KIND/STEP:PHASE of TARGET`, with ` 2` after the phase at the second
 * passing and so on. It holds for ever where a line of `UNDERCLOUD_PAUSE_AT`, or of the file that it names as `@FILE`, names
 * the place, with or without target, `*` standing for anything. With `UNDERCLOUD_PAUSE_LIST` every place is told on standard
 * error. Only tests set these.
 */
export function pausePoints({ kind, target }: Pick<Operation, 'kind' | 'target'>): PausePoint {
  const given = process.env.UNDERCLOUD_PAUSE_AT;
  if (given === undefined) return passBy;
  const wanted = (given.startsWith('@') ? readFileSync(given.slice(1), 'utf8') : given).split('\n');
  const passed = new Map<string, number>();
  return async (name) => {
    const count = (passed.get(name) ?? 0) + 1;
    passed.set(name, count);
    const point = `${kind}/${name}${count > 1 ? ` ${count}` : ''}`;
    const here = `${point} of ${target}`;
    if (process.env.UNDERCLOUD_PAUSE_LIST !== undefined) process.stderr.write(`pause-point ${here}\n`);
    if (!wanted.some((line) => stands(line, point) || stands(line, here))) return;
    process.stderr.write(`paused at ${here}\n`);
    await new Promise(() => setInterval(() => {}, 60_000));
  };
}

function stands(pattern: string, text: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  if (rest.length === 0) return pattern === text;
  const last = rest.pop() ?? '';
  let at = first.length;
  if (!text.startsWith(first) || !text.endsWith(last)) return false;
  for (const part of rest) {
    at = text.indexOf(part, at);
    if (at < 0) return false;
    at += part.length;
  }
  return at <= text.length - last.length;
}
