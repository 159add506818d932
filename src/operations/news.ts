// Wakes those in this process who wait for something to happen to an operation.
import { EventEmitter } from 'node:events';

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
        const ear = listen(ears, id);
        try {
          const found = await look();
          if (found !== undefined || left <= 0) return found;
          await ear.heard(Math.min(left, againMs));
        } finally {
          ear.close();
        }
      }
    },
  };
}

function listen(ears: EventEmitter, id: string) {
  const { promise, resolve } = withResolvers();
  let timer: NodeJS.Timeout | undefined;
  ears.once(id, resolve);
  return {
    heard(atMostMs: number): Promise<void> {
      timer = setTimeout(resolve, atMostMs).unref();
      return promise;
    },
    close(): void {
      clearTimeout(timer);
      ears.off(id, resolve);
    },
  };
}

/** Promise.withResolvers, which Node 20 has not. */
function withResolvers() {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
