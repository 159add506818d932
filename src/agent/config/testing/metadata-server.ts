// A server for the in-machine agent on loopback: metadata held open, reports, signals and streamed output.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { AgentReport, DeploymentLog } from '../../protocol.ts';

export interface MetadataServer {
  readonly url: string;
  readonly reports: AgentReport[];
  readonly signals: { readonly path: string; readonly body: Record<string, unknown> }[];
  readonly logs: DeploymentLog[];
  /** Requests that were held open when their answer came. */
  readonly held: string[];
  /** Statuses for the next signals in place of 200. */
  readonly signalStatuses: number[];
  /** New metadata; answers every held request. */
  set(metadata: unknown): void;
  until(ready: () => boolean): Promise<void>;
  close(): Promise<void>;
}

export async function startMetadataServer(initial: unknown): Promise<MetadataServer> {
  let metadata = initial;
  let version = 1;
  const waiters = new Set<() => void>();
  const holds = new Set<() => void>();
  const reports: AgentReport[] = [];
  const signals: { path: string; body: Record<string, unknown> }[] = [];
  const logs: DeploymentLog[] = [];
  const held: string[] = [];
  const signalStatuses: number[] = [];
  const notify = () => {
    for (const waiter of [...waiters]) waiter();
  };
  const server = createServer(async (request, response) => {
    const path = request.url ?? '/';
    let body = '';
    for await (const chunk of request) body += chunk;
    response.on('close', notify);
    if (path === '/metadata' && request.method === 'GET') {
      const answer = () =>
        response
          .writeHead(200, { 'content-type': 'application/json', etag: `"${version}"` })
          .end(JSON.stringify(metadata));
      if (request.headers['if-none-match'] !== `"${version}"`) return answer();
      held.push(String(request.headers.prefer));
      notify();
      const release = () => {
        holds.delete(release);
        answer();
      };
      holds.add(release);
      response.on('close', () => holds.delete(release));
      return undefined;
    }
    if (path === '/metadata') reports.push(JSON.parse(body));
    else if (path === '/log') logs.push(JSON.parse(body));
    else {
      const status = signalStatuses.shift() ?? 200;
      if (status === 200) signals.push({ path, body: JSON.parse(body) });
      return response.writeHead(status).end();
    }
    return response.writeHead(204).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port }: AddressInfo = Object(server.address());
  return {
    url: `http://127.0.0.1:${port}`,
    reports,
    signals,
    logs,
    held,
    signalStatuses,
    set(next) {
      metadata = next;
      version += 1;
      for (const release of [...holds]) release();
    },
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
