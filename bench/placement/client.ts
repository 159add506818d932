// A client that adds little of its own: a bounded pool of connections, bodies counted or parsed as asked.
import { Pool } from 'undici';

export interface BenchClient {
  /** The parsed answer. Throws for any other status than those expected. */
  call(
    method: 'GET' | 'PUT' | 'POST' | 'DELETE',
    path: string,
    body?: unknown,
    expected?: readonly number[],
  ): Promise<unknown>;
  /** Reads and drops the answer; its length in bytes. */
  drain(path: string): Promise<number>;
  close(): Promise<void>;
}

export function createClient(url: string, connections: number): BenchClient {
  const { origin, pathname } = new URL(url);
  const prefix = pathname === '/' ? '' : pathname;
  const pool = new Pool(origin, { connections, pipelining: 1, headersTimeout: 600_000, bodyTimeout: 600_000 });
  const headers = {
    'x-auth-token': 'admin',
    'openstack-api-version': 'placement 1.39',
    accept: 'application/json',
  };
  return {
    async call(method, path, body, expected = [200, 201, 204]) {
      const answer = await pool.request({
        method,
        path: `${prefix}${path}`,
        headers: body === undefined ? headers : { ...headers, 'content-type': 'application/json' },
        body: body === undefined ? null : JSON.stringify(body),
      });
      const text = await answer.body.text();
      if (!expected.includes(answer.statusCode)) throw new Error(`${method} ${path}: ${answer.statusCode} ${text}`);
      return text === '' ? undefined : JSON.parse(text);
    },
    async drain(path) {
      const answer = await pool.request({ method: 'GET', path: `${prefix}${path}`, headers });
      if (answer.statusCode !== 200) throw new Error(`GET ${path}: ${answer.statusCode}`);
      let length = 0;
      for await (const chunk of answer.body) length += chunk.length;
      return length;
    },
    close: () => pool.close(),
  };
}

/** Runs `work` for 0..count-1 with so many at once. */
export async function concurrently(
  count: number,
  atOnce: number,
  work: (at: number) => Promise<unknown>,
): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, count) }, worker));
}
