// Lets other requests have their turn during a long computation.

/** Milliseconds that a computation may keep the others waiting. */
const sliceMs = 20;
/** Steps between two looks at the clock. */
const stride = 64;

export interface Turns {
  /** Count one step; true when it is time to `pass`. */
  due(): boolean;
  pass(): Promise<void>;
}

export function turns(): Turns {
  let steps = 0;
  let began = performance.now();
  return {
    due: () => ++steps % stride === 0 && performance.now() - began >= sliceMs,
    async pass() {
      await new Promise((resume) => setImmediate(resume));
      began = performance.now();
    },
  };
}
