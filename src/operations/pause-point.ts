// Named places where a test can hold the process and kill it.

/**
 * Holds for ever where `UNDERCLOUD_PAUSE_AT` names this point, after saying so on standard error. A name may end in `*`.
 * Only tests set the variable.
 */
export async function pausePoint(name: string): Promise<void> {
  const wanted = process.env.UNDERCLOUD_PAUSE_AT;
  if (wanted === undefined) return;
  const here = wanted.endsWith('*') ? name.startsWith(wanted.slice(0, -1)) : name === wanted;
  if (process.env.UNDERCLOUD_PAUSE_LIST !== undefined) process.stderr.write(`pause-point ${name}\n`);
  if (!here) return;
  process.stderr.write(`paused at ${name}\n`);
  await new Promise(() => setInterval(() => {}, 60_000));
}
