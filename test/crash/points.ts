// Where a server can be killed: the pause points that an undisturbed run came by, told by the program itself.

const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;

/** Points in the order of their first passing. `*` stands for ids in them: those of the next run are others. */
export function pausePoints(output: string): string[] {
  const names = [...output.matchAll(/^pause-point (.+) of \S+$/gm)].map(([, name = '']) => name.replace(uuid, '*'));
  return [...new Set(names)];
}

/** With UNDERCLOUD_CRASH_POINT=TEXT only the points that hold this text; with UNDERCLOUD_CRASH_SAMPLE=N only N points, spread over all. */
export function sample(points: readonly string[]): readonly string[] {
  const text = process.env.UNDERCLOUD_CRASH_POINT;
  if (text !== undefined) return points.filter((point) => point.includes(text));
  const stride = Math.max(1, points.length / Number(process.env.UNDERCLOUD_CRASH_SAMPLE ?? points.length));
  return points.filter((_, index) => Math.floor(index / stride) !== Math.floor((index - 1) / stride));
}
