// Breakpoints of the environment: where the work on a resource stops until a signal clears it.
import type { Vertex } from '../graph/index.ts';
import type { PlainMap, ResourceRow } from '../stack/store.ts';
import { eventOf, plainMap, type Work, type WorkVertex } from './work.ts';

const hooks = ['pre-create', 'post-create', 'pre-update', 'post-update', 'pre-delete', 'post-delete'] as const;
export type Hook = (typeof hooks)[number];

/** The hook before or after an action on a resource; undefined for actions that cannot be held. */
export function hookOf(when: 'pre' | 'post', action: string): Hook | undefined {
  return hooks.find((hook) => hook === `${when}-${action.toLowerCase()}`);
}

/** Hooks that the environment sets on the resource. They are kept with its row: its deletion knows no environment. */
export function hooksOf(node: Vertex): Hook[] {
  return hooks.filter((hook) => node.hasHook(hook));
}

/** Whether the resource stops at the hook in this apply. */
export function stopsAt(data: PlainMap, hook: Hook | undefined, applyId: string | null): hook is Hook {
  const set = Array.isArray(data.hooks) && data.hooks.some((name) => name === hook);
  return set && hook !== undefined && plainMap(data.cleared)[hook] !== applyId;
}

/** A resource's data with the hook cleared for this apply. */
export function withCleared(data: PlainMap, hook: string, applyId: string | null): PlainMap {
  return { ...data, cleared: { ...plainMap(data.cleared), [hook]: applyId } };
}

export function pausedReason(action: string, hook: Hook): string {
  return `${action} paused until Hook ${hook} is cleared`;
}

/** Holds the vertex: at work, by nobody, for the reason of the hook's name. */
export function hold(work: Work, vertex: WorkVertex, row: ResourceRow, action: string, hook: Hook): void {
  work.touchVertex(Object.assign(vertex, { state: 'running', operationId: null, reason: hook }));
  work.event(eventOf(row, row.action, row.status, pausedReason(action, hook)));
}
