// Sends a deployment's output while it runs, in chunks and without holding it up.
import type { Clock } from '../../clock.ts';
import { asAgentError } from '../../errors.ts';
import { postJson } from '../../http.ts';
import type { DeploymentLog } from '../../protocol.ts';

export interface LogStream {
  take(stream: 'stdout' | 'stderr', text: string): void;
  /** Sends what is left and ends. */
  close(): Promise<void>;
}

const intervalMs = 500;

/** Best effort: the whole output comes with the result anyway, so after a failure it is quiet. */
export function logStream(url: string, id: string, clock: Clock, log: (line: string) => void): LogStream {
  const pending: { stream: 'stdout' | 'stderr'; text: string }[] = [];
  const offsets = { stdout: 0, stderr: 0 };
  const closing = new AbortController();
  let news = new AbortController();
  let broken = false;

  async function flush(): Promise<void> {
    for (let next = pending.shift(); next && !broken; next = pending.shift()) {
      const message: DeploymentLog = { id, stream: next.stream, offset: offsets[next.stream], text: next.text };
      offsets[next.stream] += next.text.length;
      try {
        const reply = await postJson(url, message, { idleMs: 5_000 });
        broken = reply.status >= 400;
      } catch (thrown) {
        log(`output of ${id} is sent at its end only: ${asAgentError(thrown).message}`);
        broken = true;
      }
    }
  }

  async function run(): Promise<void> {
    while (!closing.signal.aborted) {
      await clock.sleep(3_600_000, news.signal);
      // Lines of one moment travel together.
      await clock.sleep(intervalMs, closing.signal);
      news = new AbortController();
      await flush();
    }
    await flush();
  }

  const running = run();
  return {
    take(stream, text) {
      const last = pending.at(-1);
      if (last?.stream === stream) last.text += text;
      else pending.push({ stream, text });
      news.abort();
    },
    async close() {
      closing.abort();
      news.abort();
      await running;
    },
  };
}
