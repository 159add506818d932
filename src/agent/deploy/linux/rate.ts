// Turns counts of bytes into progress with a rate, at most once a second.

import type { Clock } from '../../clock.ts';
import type { Progress } from '../../protocol.ts';
import type { Report } from '../machine.ts';

const windowMs = 5_000;
const intervalMs = 1_000;

/** A function to call with (done, total) as often as one likes; the rate is over the last five seconds. */
export function rateMeter(clock: Clock, report: Report): (done: number, total: number) => void {
  const samples: { readonly at: number; readonly done: number }[] = [{ at: clock.now(), done: 0 }];
  let last = Number.NEGATIVE_INFINITY;
  return (done, total) => {
    const at = clock.now();
    if (at - last < intervalMs && done !== total) return;
    last = at;
    samples.push({ at, done });
    while (samples.length > 2 && at - (samples[0]?.at ?? at) > windowMs) samples.shift();
    const first = samples[0] ?? { at, done };
    const seconds = (at - first.at) / 1000;
    const progress: Progress = {
      bytes_done: done,
      bytes_total: total,
      rate: seconds > 0 ? Math.round((done - first.done) / seconds) : 0,
    };
    report(progress);
  };
}
