// The rack's control API over its Unix socket: the server in the rack process and its client in the command.
import { existsSync, rmSync } from 'node:fs';
import { createServer, request, type Server } from 'node:http';
import { type Static, type TSchema, Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { RackError, rackErrors } from './errors.ts';
import { isMissing } from './folder.ts';
import type { Rack } from './rack.ts';
import { MachineStatus, RackStatus } from './status.ts';

const Refusal = Type.Object({ message: Type.String(), hint: Type.String() });

export interface ControlServer {
  close(): Promise<void>;
}

interface Reply {
  readonly status: number;
  readonly body: unknown;
}

async function reply(rack: Rack, method: string, url: URL, down: () => void): Promise<Reply> {
  const [, first, machine, second, kind] = url.pathname.split('/').map(decodeURIComponent);
  if (method === 'GET' && first === 'status') return { status: 200, body: rack.status() };
  if (method === 'POST' && first === 'down') {
    down();
    return { status: 202, body: {} };
  }
  if (method === 'PUT' && first === 'machines' && machine !== undefined && second === 'faults' && kind !== undefined) {
    return { status: 200, body: await rack.setFault(machine, kind, url.searchParams.get('value') ?? undefined) };
  }
  return {
    status: 404,
    body: { message: `the rack has nothing at ${method} ${url.pathname}`, hint: 'see: undercloud rack --help' },
  };
}

/**
 * Serves `GET /status`, `PUT /machines/NAME/faults/KIND?value=VALUE|off` and `POST /down` on a Unix socket that only its
 * owner reaches. A socket file without a server is replaced.
 */
export async function serveControl(rack: Rack, path: string, down: () => void): Promise<ControlServer> {
  const server: Server = createServer((incoming, response) => {
    reply(rack, incoming.method ?? 'GET', new URL(incoming.url ?? '/', 'http://rack'), down)
      .catch((error: unknown): Reply => {
        if (error instanceof RackError) return { status: 400, body: { message: error.message, hint: error.hint } };
        return {
          status: 500,
          body: { message: error instanceof Error ? error.message : String(error), hint: 'see the log of the rack' },
        };
      })
      .then(({ status, body }) =>
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body)),
      );
  });
  rmSync(path, { force: true });
  const mask = process.umask(0o077);
  try {
    await new Promise<void>((done, failed) => {
      server.once('error', failed);
      server.listen(path, done);
    });
  } finally {
    process.umask(mask);
  }
  return {
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

/** Undefined when no rack process listens on the socket. Throws `rack-refused` with the rack's own words. */
async function call<S extends TSchema>(
  path: string,
  method: string,
  target: string,
  schema: S,
): Promise<Static<S> | undefined> {
  if (!existsSync(path)) return undefined;
  const answer = await new Promise<{ status: number; text: string } | undefined>((done, failed) => {
    const outgoing = request({ socketPath: path, method, path: target }, (incoming) => {
      const parts: string[] = [];
      incoming.setEncoding('utf8').on('data', (text: string) => parts.push(text));
      incoming.on('end', () => done({ status: incoming.statusCode ?? 0, text: parts.join('') }));
    });
    outgoing.on('error', (error) => (isMissing(error) || isRefused(error) ? done(undefined) : failed(error)));
    outgoing.end();
  });
  if (!answer) return undefined;
  if (answer.status >= 400) {
    const { message, hint } = Value.Decode(Refusal, JSON.parse(answer.text));
    throw rackErrors.controlRefused(message, hint);
  }
  return Value.Decode(schema, JSON.parse(answer.text));
}

function isRefused(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ECONNREFUSED' || error.code === 'ECONNRESET');
}

/** The rack's status; undefined when its process does not run. */
export const askStatus = (path: string): Promise<RackStatus | undefined> => call(path, 'GET', '/status', RackStatus);

/** Tells the rack to go down; false when its process does not run. */
export const askDown = async (path: string): Promise<boolean> =>
  (await call(path, 'POST', '/down', Type.Object({}))) !== undefined;

/** Sets a fault; undefined when the rack's process does not run. */
export function askFault(
  path: string,
  machine: string,
  kind: string,
  value: string | undefined,
): Promise<MachineStatus | undefined> {
  const query = value === undefined ? '' : `?value=${encodeURIComponent(value)}`;
  return call(
    path,
    'PUT',
    `/machines/${encodeURIComponent(machine)}/faults/${encodeURIComponent(kind)}${query}`,
    MachineStatus,
  );
}
