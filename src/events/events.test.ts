// What readers of the event log may rely on.
import { sql } from 'kysely';
import { afterAll, afterEach, expect, test } from 'vitest';
import { testDatabase } from '../database/testing/index.ts';
import { serve } from '../openstack/testing/index.ts';
import {
  appendEvent,
  beginning,
  createEventFollower,
  eventsApi,
  forgetEvents,
  newestCursor,
  readEvents,
} from './index.ts';

const { database, drop } = await testDatabase();
const follower = createEventFollower(database, (error) => {
  throw error;
});
const http = await serve(eventsApi(database, follower));
const stops: (() => void)[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});
afterAll(async () => {
  follower.close();
  await http.close();
  await drop();
});

const append = (kind: string) => database.transaction().execute((tx) => appendEvent(tx, { kind, subject: 'thing:1' }));

const flood = (count: number) =>
  sql`insert into events (kind, subject) select 'flood', 'thing:1' from generate_series(1, ${count}::int)`.execute(
    database,
  );

test('never skips an event whose transaction commits late', async () => {
  const from = await newestCursor(database);
  let commit: () => void = () => {};
  const held = new Promise<void>((resolve) => {
    commit = resolve;
  });
  let written: () => void = () => {};
  const began = new Promise<void>((resolve) => {
    written = resolve;
  });
  const late = database.transaction().execute(async (tx) => {
    await appendEvent(tx, { kind: 'late', subject: 'thing:1' });
    written();
    await held;
  });
  await began;
  await append('early');
  expect(await readEvents(database, { after: from, limit: 10 })).toEqual([]);
  commit();
  await late;
  // Transactions in the databases of other tests hold the log back too: the snapshot's xmin is the whole cluster's.
  const kinds = async () => (await readEvents(database, { after: from, limit: 10 })).map((event) => event.kind);
  await expect.poll(kinds, { timeout: 10_000 }).toEqual(['late', 'early']);
});

test('pages through the log by cursor', async () => {
  const all = (await http.get('')).json.events;
  const second = await http.get(`?after=${all[0].id}&limit=1`);
  expect(second.json.events).toEqual([all[1]]);
});

test('refuses a cursor that is none', async () => {
  expect((await http.get('?after=yesterday')).status).toBe(400);
});

test('streams what was missed, however much, and then what happens, with ids to resume by', async () => {
  await flood(2500);
  await append('early, too');
  const before = (await readEvents(database, { after: beginning, limit: 10_000 })).length;
  const abort = new AbortController();
  stops.push(() => abort.abort());
  const answer = await fetch(`${http.url}?after=${beginning}`, {
    headers: { accept: 'text/event-stream' },
    signal: abort.signal,
  });
  const reader = answer.body?.getReader();
  let text = '';
  const readUntil = async (word: string) => {
    while (reader && !text.includes(word)) {
      const chunk = await reader.read();
      if (chunk.done) break;
      text += Buffer.from(chunk.value).toString();
    }
  };
  await readUntil('event: early, too');
  await append('live');
  await readUntil('event: live');
  expect(text.match(/^id: \d+-\d+$/gm)).toHaveLength(before + 1);
});

test('a client that leaves while there is much to tell is let go', async () => {
  await flood(20_000);
  const readers = new Set<() => void>();
  const watched = {
    subscribe(listener: Parameters<typeof follower.subscribe>[0]) {
      const stop = follower.subscribe(listener);
      readers.add(stop);
      return () => {
        readers.delete(stop);
        stop();
      };
    },
    close: follower.close,
  };
  const other = await serve(eventsApi(database, watched));
  stops.push(() => void other.close());
  const abort = new AbortController();
  const headers = { accept: 'text/event-stream' };
  await fetch(`${other.url}?after=${beginning}`, { headers, signal: abort.signal });
  expect(readers.size).toBe(1);
  await new Promise((later) => setTimeout(later, 300));
  abort.abort();
  await expect.poll(() => readers.size).toBe(0);
});

test('old events go, however many they are; who reads on hears all that came after', async () => {
  await sql`
    insert into events (kind, subject, at)
    select 'old', 'thing:1', now() - interval '2 days' from generate_series(1, 12000)`.execute(database);
  await sql`update events set at = now() - interval '2 days'`.execute(database);
  await append('new');
  const { rows } = await sql<{ count: number }>`select count(*) as count from events`.execute(database);
  expect(await forgetEvents(database, new Date(Date.now() - 86_400_000))).toBe((rows[0]?.count ?? 0) - 1);
  expect((await readEvents(database, { after: beginning, limit: 10 })).map(({ kind }) => kind)).toEqual(['new']);
});
