// A server on loopback for tests that waits for conditions instead of for time.
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Certified } from '../certificate/index.ts';

export interface Loopback {
  readonly url: string;
  /** Waits until `ready` holds, which is asked again after every answer and every `notify`. */
  until(ready: () => boolean): Promise<void>;
  notify(): void;
  close(): Promise<void>;
}

/** Calls `handle` with each request and its whole body; over TLS with a certificate. */
export async function listenOnLoopback(
  handle: (request: IncomingMessage, response: ServerResponse, body: string) => unknown,
  certified?: Certified,
): Promise<Loopback> {
  const waiters = new Set<() => void>();
  const notify = () => {
    for (const waiter of [...waiters]) waiter();
  };
  const listener: RequestListener = async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    response.on('close', notify);
    handle(request, response, body);
  };
  const server = certified
    ? createSecureServer({ key: certified.key, cert: certified.certificate }, listener)
    : createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port }: AddressInfo = Object(server.address());
  return {
    url: `${certified ? 'https' : 'http'}://127.0.0.1:${port}`,
    notify,
    until: (ready) =>
      new Promise((resolve) => {
        const check = () => {
          if (!ready()) return;
          waiters.delete(check);
          resolve();
        };
        waiters.add(check);
        check();
      }),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
