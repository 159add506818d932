// What machines call on the provisioning network: their metadata, held open until it changes, and their results.
import { EventEmitter, once } from 'node:events';
import { Type } from '@sinclair/typebox';
import { sql } from 'kysely';
import type { Database } from '../../database/index.ts';
import { appendEvent } from '../../events/index.ts';
import { type Api, catalogue, empty, errorsFault, fault, json, route } from '../../openstack/index.ts';
import type { Operations } from '../../operations/index.ts';
import type { Channels } from './channel.ts';
import { machineMetadata } from './metadata.ts';
import { takeSignal } from './signal.ts';

const errors = catalogue({
  ChannelNotFound: fault(
    404,
    () => 'This address belongs to no machine.',
    'A machine gets its address with its config drive.',
  ),
});

/** Another process may have changed the metadata: look that often while a request is held. */
const lookAgainMs = 2_000;
const longestHoldMs = 300_000;

export interface MetadataChanges {
  /** Tells held requests of this server to look again. */
  changed(serverId: string): void;
  waitForChange(serverId: string, ms: number, gone: AbortSignal): Promise<void>;
}

export function createMetadataChanges(): MetadataChanges {
  const emitter = new EventEmitter().setMaxListeners(0);
  return {
    changed: (serverId) => void emitter.emit(serverId),
    async waitForChange(serverId, ms, gone) {
      const timeout = AbortSignal.any([gone, AbortSignal.timeout(ms)]);
      try {
        await once(emitter, serverId, { signal: timeout });
      } catch (error) {
        if (!timeout.aborted) throw error;
      }
    },
  };
}

export interface MachineApiOptions {
  readonly database: Database;
  readonly operations: Operations;
  readonly channels: Channels;
  readonly changes: MetadataChanges;
  /** Hands a signal to the resource of this id: what its sender is told, undefined when there is none. */
  readonly signal: (id: string, details: Readonly<Record<string, unknown>>) => Promise<string | undefined>;
  /** A server's machine has come up and asks for the first time. */
  readonly firstReport: (serverId: string) => Promise<void>;
}

/** Routes under /agent; the token in the path is the credential. */
export function machineApi({ database, operations, channels, changes, signal, firstReport }: MachineApiOptions): Api {
  const server = (token: string | undefined): string => {
    const id = channels.verify('metadata', token ?? '');
    if (id === undefined) throw errors.ChannelNotFound();
    return id;
  };
  return {
    service: 'agent',
    path: '/agent',
    policy: {},
    renderFault: errorsFault,
    bodyLimit: 16 * 1024 * 1024,
    routes: [
      route({
        method: 'GET',
        path: '/metadata/:token',
        policy: null,
        summary: 'Metadata of a machine; with If-None-Match and Prefer: wait=SECONDS (RFC 7240) held until it changes',
        handler: async ({ params, headers, raw }) => {
          const serverId = server(params.token);
          const url = channels.url('metadata', serverId);
          const seen = await sql<{ first: boolean }>`insert into machine_reports (server_id) values (${serverId})
            on conflict (server_id) do update set seen_at = now() returning xmax = 0 as first`.execute(database);
          if (seen.rows[0]?.first) await firstReport(serverId);
          const wait = /(?:^|[,;\s])wait=(\d{1,4})/.exec(String(headers.prefer ?? ''))?.[1];
          const until = Date.now() + Math.min(Number(wait ?? 0) * 1000, longestHoldMs);
          const gone = new AbortController();
          raw.on('close', () => gone.abort());
          for (;;) {
            const left = until - Date.now();
            const waiting =
              left > 0 ? changes.waitForChange(serverId, Math.min(left, lookAgainMs), gone.signal) : undefined;
            const { document, etag } = await machineMetadata(database, serverId, url);
            if (headers['if-none-match'] !== etag) return json(document, 200, { etag });
            if (!waiting || gone.signal.aborted) return empty(304, { etag });
            await waiting;
            // The machine has gone, or we stop: nobody reads the answer, and the database may be closed already.
            if (gone.signal.aborted) return empty(304, { etag });
          }
        },
      }),
      route({
        method: 'POST',
        path: '/metadata/:token',
        policy: null,
        summary: 'A machine reports which configuration it runs',
        body: Type.Object(
          {
            digest: Type.Optional(Type.Union([Type.String(), Type.Null()])),
            phase: Type.Optional(Type.String()),
            agent_version: Type.Optional(Type.String()),
          },
          { additionalProperties: true },
        ),
        handler: async ({ params, body }) => {
          const serverId = server(params.token);
          await database.transaction().execute(async (tx) => {
            const before = await sql<{
              digest: string | null;
              phase: string | null;
            }>`select digest, phase from machine_reports where server_id = ${serverId}`.execute(tx);
            await sql`insert into machine_reports (server_id, digest, phase, agent_version) values (${serverId}, ${body.digest ?? null}, ${body.phase ?? null}, ${body.agent_version ?? null})
              on conflict (server_id) do update set digest = excluded.digest, phase = excluded.phase, agent_version = excluded.agent_version, seen_at = now()`.execute(
              tx,
            );
            const same =
              before.rows[0]?.digest === (body.digest ?? null) && before.rows[0]?.phase === (body.phase ?? null);
            if (!same)
              await appendEvent(tx, {
                kind: 'machine.report',
                subject: `server:${serverId}`,
                payload: { digest: body.digest ?? null, phase: body.phase ?? null },
              });
          });
          return empty(204);
        },
      }),
      route({
        method: 'POST',
        path: '/signal/:token',
        policy: null,
        summary: 'A machine reports the result of a deployment',
        body: Type.Record(Type.String(), Type.Unknown()),
        handler: async ({ params, body }) => {
          const id = channels.verify('signal', params.token ?? '');
          if (id === undefined || !(await takeSignal(database, operations, id, body))) throw errors.ChannelNotFound();
          return empty(200);
        },
      }),
      route({
        method: 'POST',
        path: '/resource/:token',
        policy: null,
        summary: 'A machine signals a wait condition: status, reason, data and id, each optional',
        payload: 'any',
        handler: async ({ params, body }) => {
          const id = channels.verify('resource', params.token ?? '');
          const details = typeof body === 'object' && body !== null ? { ...body } : {};
          const answer = id === undefined ? undefined : await signal(id, details);
          if (answer === undefined) throw errors.ChannelNotFound();
          return json(JSON.stringify(answer), 200, { 'content-type': 'application/json' });
        },
      }),
    ],
  };
}
