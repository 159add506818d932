// Follows the event log for many readers with one query at a time.
import type { Database } from '../database/index.ts';
import { type Event, newestCursor, readEvents } from './read.ts';

const pollMs = 200;
const batch = 1000;

export interface EventFollower {
  /** Calls `listener` with every event that becomes visible from now on. Returns the way to stop. */
  subscribe(listener: (events: readonly Event[]) => void): () => void;
  close(): void;
}

/** Polls only while somebody listens; what it read last is remembered, so that no event is told twice or not at all. */
export function createEventFollower(database: Database, onError: (error: unknown) => void): EventFollower {
  const listeners = new Set<(events: readonly Event[]) => void>();
  let timer: NodeJS.Timeout | undefined;
  let cursor: string | undefined;

  async function round(): Promise<void> {
    try {
      cursor ??= await newestCursor(database);
      const events = await readEvents(database, { after: cursor, limit: batch });
      cursor = events.at(-1)?.id ?? cursor;
      if (events.length > 0) for (const listener of listeners) listener(events);
    } catch (error) {
      onError(error);
    }
    timer = listeners.size > 0 ? setTimeout(() => void round(), pollMs) : undefined;
    if (!timer) cursor = undefined;
  }
  return {
    subscribe(listener) {
      listeners.add(listener);
      if (!timer) timer = setTimeout(() => void round(), 0);
      return () => listeners.delete(listener);
    },
    close() {
      listeners.clear();
      clearTimeout(timer);
    },
  };
}
