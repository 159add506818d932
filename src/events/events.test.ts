// What readers of the event log may rely on.
import { afterAll, afterEach, expect, test } from 'vitest';
import { testDatabase } from '../database/testing/index.ts';
import { serve } from '../openstack/testing/index.ts';
import { appendEvent, beginning, createEventFollower, eventsApi, newestCursor, readEvents } from './index.ts';

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

test('streams what was missed and then what happens, with ids to resume by', async () => {
  const before = (await readEvents(database, { after: beginning, limit: 10 })).length;
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
  await readUntil('event: early');
  await append('live');
  await readUntil('event: live');
  expect(text.match(/^id: \d+-\d+$/gm)).toHaveLength(before + 1);
});
