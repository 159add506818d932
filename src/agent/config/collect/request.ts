// The `request` source: a JSON document over HTTP, asked for with a call that the server holds open until there is news.
import { AgentError, asAgentError } from '../../errors.ts';
import { exchange, type Reply } from '../../http.ts';
import { type Json, parseObject } from '../../parse.ts';
import type { Source } from './source.ts';

export interface RequestOptions {
  /** Servers of the same document; the first that answers is kept. */
  readonly urls: () => readonly string[];
  readonly holdSeconds: () => number;
  readonly log: (line: string) => void;
}

export interface RequestSource extends Source {
  /** The URL that answered last, for reports. */
  answering(): string | undefined;
}

/** How long the server may be late with its answer after the time it was asked to hold. */
const graceMs = 20_000;

export function requestSource(options: RequestOptions): RequestSource {
  let etag: string | undefined;
  let answering: string | undefined;

  async function ask(url: string, signal: AbortSignal): Promise<Reply> {
    const held = etag !== undefined && url === answering;
    const holdSeconds = options.holdSeconds();
    const reply = await exchange(url, {
      signal,
      idleMs: (held ? holdSeconds * 1000 : 0) + graceMs,
      headers: {
        accept: 'application/json',
        // Another server's tags mean nothing: it is asked for the whole document.
        ...(held && etag !== undefined ? { 'if-none-match': etag, prefer: `wait=${holdSeconds}` } : {}),
      },
    });
    if (reply.status !== 200 && reply.status !== 304) {
      throw new AgentError('refused', `${url}: HTTP ${reply.status}`, { details: reply.body.slice(0, 500) });
    }
    return reply;
  }

  return {
    name: 'request',
    holdsOpen: true,
    answering: () => answering,
    async collect(signal): Promise<Json | 'unchanged'> {
      const urls = options.urls();
      const first = answering;
      const order =
        first !== undefined && urls.includes(first) ? [first, ...urls.filter((url) => url !== first)] : urls;
      const problems: string[] = [];
      for (const url of order) {
        try {
          const reply = await ask(url, signal);
          if (url !== answering && answering !== undefined) options.log(`metadata now comes from ${url}`);
          answering = url;
          if (reply.status === 304) return 'unchanged';
          const content = parseObject(reply.body, url);
          const tag = reply.headers.etag;
          etag = typeof tag === 'string' ? tag : undefined;
          return content;
        } catch (thrown) {
          if (signal.aborted) throw thrown;
          problems.push(asAgentError(thrown).message);
        }
      }
      throw new AgentError('unreachable', `no metadata: ${problems.join('; ') || 'no metadata_url is known'}`);
    },
  };
}
