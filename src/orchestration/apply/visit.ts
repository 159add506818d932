// Visits to what a stack has, which change none of its inputs: a check of its real state, a suspension, a resumption.
import { vertexKey, type Work } from './work.ts';

/** Stack actions that visit, and what a resource type offers for each. */
export const visits = { CHECK: 'check', SUSPEND: 'suspend', RESUME: 'resume' } as const;
export type Visit = keyof typeof visits;

export function isVisit(action: string): action is Visit {
  return Object.hasOwn(visits, action);
}

/** A vertex for each resource, in the order of their dependencies; what others need is suspended last. */
export function layOutVisits(work: Work): void {
  const rows = [...work.resources.values()].filter((row) => !row.path.includes('@'));
  const paths = new Set(rows.map((row) => row.path));
  const before = new Map<string, string[]>(rows.map((row) => [row.path, []]));
  for (const row of rows)
    for (const needed of row.requires.filter((path) => paths.has(path))) {
      const [first, then] = work.root.action === 'SUSPEND' ? [row.path, needed] : [needed, row.path];
      before.get(then)?.push(vertexKey('visit', first));
    }
  for (const [path, requires] of before)
    work.touchVertex({
      path,
      action: 'visit',
      state: 'waiting',
      requires,
      attempt: 0,
      operationId: null,
      reason: null,
    });
}
