// Lets one action at a time through, in the order they came.

/** Runs actions strictly one after another; one that fails does not hold up the next. */
export class Turnstile {
  #last: Promise<unknown> = Promise.resolve();

  pass<T>(action: () => Promise<T>): Promise<T> {
    const result = this.#last.then(action, action);
    this.#last = result.then(
      () => undefined,
      () => undefined,
    );
    return result;
  }
}
