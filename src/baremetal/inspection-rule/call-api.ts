// Calls the outside services that inspection rules name.
import { OperationFailed } from '../../operations/index.ts';
import type { ApiCall } from './actions.ts';

/** One after another. Throws OperationFailed for one that does not answer with success; its query and headers may be secret. */
export async function callApis(calls: readonly ApiCall[]): Promise<void> {
  for (const { url, method, headers, timeoutMs } of calls) {
    const { origin, pathname } = new URL(url);
    const failed = (why: string, cause?: unknown) =>
      new OperationFailed(
        `An inspection rule calls ${method} ${origin}${pathname}, which failed: ${why}.`,
        'Correct the rule or mend that service, then inspect again.',
        { cause },
      );
    const answer = await fetch(url, { method, headers, signal: AbortSignal.timeout(timeoutMs) }).catch(
      (error: unknown) => {
        throw failed(error instanceof Error ? error.message : String(error), error);
      },
    );
    await answer.body?.cancel();
    if (!answer.ok) throw failed(`it answered ${answer.status}`);
  }
}
