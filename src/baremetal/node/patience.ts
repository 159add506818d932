// Waits out the moments in which an operation that has just ended still holds a node.
import { setTimeout as sleep } from 'node:timers/promises';
import { ApiError } from '../../openstack/index.ts';

/** About 1.6 s in all: an operation that ends soon is not worth an error, and one that does not ends in 409 (Ironic waits 3 s). */
const pausesMs = [25, 50, 100, 200, 400, 800];

/** Runs `change`, again for as long as it throws NodeLocked and the patience lasts. */
export async function patiently<Result>(change: () => Promise<Result>): Promise<Result> {
  for (const pauseMs of pausesMs) {
    try {
      return await change();
    } catch (error) {
      if (!(error instanceof ApiError && error.kind === 'NodeLocked')) throw error;
    }
    await sleep(pauseMs);
  }
  return change();
}
