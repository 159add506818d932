// Waits for something to become true by asking again, never by letting a fixed time pass.
import { setTimeout as wait } from 'node:timers/promises';

/** Asks every 100 ms until the answer is neither undefined nor false. Throws with `what` and the last answer when the time is over. */
export async function until<Answer>(
  what: string,
  ask: () => Promise<Answer | undefined | false> | Answer | undefined | false,
  { withinMs = 60_000, everyMs = 100 }: { withinMs?: number; everyMs?: number } = {},
): Promise<Answer> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (Date.now() > deadline) throw new Error(`waited ${withinMs / 1000} s in vain until ${what}`);
    await wait(everyMs);
  }
}
