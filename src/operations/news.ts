// Wakes those in this process who wait for something to happen to an operation.
import { EventEmitter } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';

export interface News {
  /** Something has happened to the operation. */
  tell(id: string): void;
  /** What `look` finds, now or when the operation has news, at the latest after `againMs`; undefined when the time is over. */
  until<Found>(
    id: string,
    time: { readonly timeoutMs: number; readonly againMs: number },
    look: () => Promise<Found | undefined>,
  ): Promise<Found | undefined>;
}

export function createNews(): News {
  const ears = new EventEmitter().setMaxListeners(0);
  return {
    tell: (id) => void ears.emit(id),
    async until(id, { timeoutMs, againMs }, look) {
      const deadline = Date.now() + timeoutMs;
      for (;;) {
        const left = deadline - Date.now();
        // It listens before it looks: what happens in between is not missed.
        const told = new AbortController();
        const hear = () => told.abort();
        ears.once(id, hear);
        try {
          const found = await look();
          if (found !== undefined || left <= 0) return found;
          // It rejects when told, before the time is over.
          await pause(Math.min(left, againMs), undefined, { signal: told.signal, ref: false }).catch(() => undefined);
        } finally {
          ears.off(id, hear);
        }
      }
    },
  };
}
