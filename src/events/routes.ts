// The events API: the log as JSON pages or as a live stream of server-sent events.
import { PassThrough } from 'node:stream';
import { Type } from '@sinclair/typebox';
import type { Database } from '../database/index.ts';
import { type Api, catalogue, errorsFault, fault, json, route, stream } from '../openstack/index.ts';
import type { EventFollower } from './follow.ts';
import { beginning, type Event, newestCursor, parseCursor, readEvents } from './read.ts';

export const errors = catalogue({
  BadCursor: fault(
    400,
    (text: string) => `Invalid event id: ${text}.`,
    'Give the id of an event that you have received, as Last-Event-ID or after=.',
  ),
});
const keepAliveMs = 15_000;
const pageLimit = 1000;

function view(event: Event) {
  return {
    id: event.id,
    at: event.at,
    kind: event.kind,
    subject: event.subject,
    project_id: event.projectId,
    request_id: event.requestId,
    operation_id: event.operationId,
    payload: event.payload,
  };
}

/**
 * `GET /events` with `Accept: text/event-stream` streams (WHATWG HTML, "Server-sent events"): from `Last-Event-ID` or
 * `after` when given, else from now on. With another Accept it answers a page.
 */
export function eventsApi(database: Database, follower: EventFollower): Api {
  return {
    service: 'events',
    path: '/events',
    policy: { 'events:read': 'role:admin or role:reader', 'events:read_all': 'role:admin' },
    renderFault: errorsFault,
    routes: [
      route({
        method: 'GET',
        path: '',
        policy: 'events:read',
        summary: 'The event log, paged or live',
        query: Type.Object({
          after: Type.Optional(Type.String()),
          subject: Type.Optional(Type.String()),
          operation_id: Type.Optional(Type.String({ format: 'uuid' })),
          limit: Type.Optional(Type.String({ pattern: '^[1-9][0-9]{0,2}$|^1000$' })),
        }),
        handler: async ({ query, headers, context, may, raw }) => {
          const resume = headers['last-event-id'] ?? query.after;
          if (resume !== undefined && (typeof resume !== 'string' || !parseCursor(resume)))
            throw errors.BadCursor(String(resume));
          const filter = {
            ...(query.subject === undefined ? {} : { subject: query.subject }),
            ...(query.operation_id === undefined ? {} : { operationId: query.operation_id }),
            ...(may('events:read_all') ? {} : { projectId: context.caller.projectId ?? '' }),
          };
          if (!headers.accept?.includes('text/event-stream')) {
            const events = await readEvents(database, {
              after: resume ?? beginning,
              limit: Number(query.limit ?? pageLimit),
              ...filter,
            });
            return json({ events: events.map(view) });
          }
          const out = new PassThrough();
          const from = resume ?? (await newestCursor(database));
          void pump({ database, follower, out, from, filter, closed: new Promise((gone) => raw.on('close', gone)) });
          return stream(out, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
        },
      }),
    ],
  };
}

interface Pump {
  database: Database;
  follower: EventFollower;
  out: PassThrough;
  from: string;
  filter: { subject?: string; operationId?: string; projectId?: string };
  closed: Promise<unknown>;
}

/** Writes everything after `from`, then what becomes visible, until the client goes. Waits while the client is slow. */
async function pump({ database, follower, out, from, filter, closed }: Pump): Promise<void> {
  let open = true;
  let wake: () => void = () => {};
  let drained: () => void = () => {};
  const end = () => {
    open = false;
    wake();
    drained();
  };
  void closed.then(end);
  out.on('error', end);
  out.on('close', end);
  out.on('drain', () => drained());
  const unsubscribe = follower.subscribe(() => wake());
  const alive = setInterval(() => out.write(':\n\n'), keepAliveMs);
  try {
    out.write('retry: 1000\n\n');
    let cursor = from;
    while (open) {
      const news = new Promise<void>((resolve) => {
        wake = resolve;
      });
      const events = await readEvents(database, { after: cursor, limit: pageLimit, ...filter });
      for (const event of events) {
        out.write(`id: ${event.id}\nevent: ${event.kind}\ndata: ${JSON.stringify(view(event))}\n\n`);
        cursor = event.id;
        if (open && out.writableNeedDrain)
          await new Promise<void>((resolve) => {
            drained = resolve;
          });
        // What nobody reads any more never says that there is room.
        if (!open) return;
      }
      if (events.length < pageLimit) await news;
    }
  } catch (error) {
    out.destroy(error instanceof Error ? error : new Error(String(error)));
  } finally {
    clearInterval(alive);
    unsubscribe();
    out.end();
  }
}
