// A server for the in-machine agent on loopback: metadata held open, reports, signals and streamed output.
import type { AgentReport, DeploymentLog } from '../../protocol.ts';
import { type Loopback, listenOnLoopback } from '../../testing/loopback.ts';

export interface MetadataServer extends Loopback {
  readonly reports: AgentReport[];
  readonly signals: { readonly path: string; readonly body: Record<string, unknown> }[];
  readonly logs: DeploymentLog[];
  /** Requests that were held open when their answer came. */
  readonly held: string[];
  /** Statuses for the next signals in place of 200. */
  readonly signalStatuses: number[];
  /** New metadata; answers every held request. */
  set(metadata: unknown): void;
}

export async function startMetadataServer(initial: unknown): Promise<MetadataServer> {
  let metadata = initial;
  let version = 1;
  const holds = new Set<() => void>();
  const reports: AgentReport[] = [];
  const signals: { path: string; body: Record<string, unknown> }[] = [];
  const logs: DeploymentLog[] = [];
  const held: string[] = [];
  const signalStatuses: number[] = [];
  const loopback = await listenOnLoopback((request, response, body) => {
    const path = request.url ?? '/';
    if (path === '/metadata' && request.method === 'GET') {
      const answer = () =>
        response
          .writeHead(200, { 'content-type': 'application/json', etag: `"${version}"` })
          .end(JSON.stringify(metadata));
      if (request.headers['if-none-match'] !== `"${version}"`) return answer();
      held.push(String(request.headers.prefer));
      loopback.notify();
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
  return {
    ...loopback,
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
  };
}
