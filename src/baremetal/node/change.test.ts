// A node that is changed as it was seen: all of the change or nothing, whoever was faster.
import { sql } from 'kysely';
import { afterAll, expect, test } from 'vitest';
import { tables } from '../store.ts';
import { startTestBaremetal } from '../testing/index.ts';
import { changeSeen } from './change.ts';
import { findSeen } from './find.ts';
import { forgetHistory } from './forget-history.ts';

const bm = await startTestBaremetal();
afterAll(() => bm.stop());
const parts = { database: bm.database, host: 'here' };
const { uuid } = (await bm.http.post('/v1/nodes', { name: 'n1', driver: 'fake-hardware' })).json;

async function written() {
  const { rows: events } = await sql`
    select kind, payload from events where subject = ${`node:${uuid}`} order by id`.execute(bm.database);
  const { history } = (await bm.http.get(`/v1/nodes/${uuid}/history?detail=true`)).json;
  return {
    events,
    lines: history.map(({ severity, event }: { severity: string; event: string }) => [severity, event]),
  };
}

test('a change of a node that nobody has touched since is made with its events and its lines of history', async () => {
  const seen = await findSeen(bm.database, uuid);
  const change = { power_state: 'power on', last_error: 'the fan stands' };
  const after = await changeSeen(parts, seen, change, { note: { text: 'looked at it', name: 'first look' } });
  expect(after).toMatchObject(change);
  const { events, lines } = await written();
  expect(events.at(-1)).toMatchObject({ kind: 'baremetal.node.power_state', payload: { from: null, to: 'power on' } });
  expect(lines).toEqual([
    ['INFO', 'looked at it'],
    ['ERROR', 'the fan stands'],
  ]);
});

test('the next change goes on from what the one before has answered', async () => {
  const seen = await findSeen(bm.database, uuid);
  const first = await changeSeen(parts, seen, { power_state: 'power off' });
  expect(first && (await changeSeen(parts, first, { power_state: 'power on' }))).toMatchObject({
    power_state: 'power on',
  });
});

test('a node keeps its latest lines of history', async () => {
  for (const text of ['a', 'b', 'c']) {
    await changeSeen(parts, await findSeen(bm.database, uuid), { power_state: 'power on' }, { note: { text } });
  }
  await forgetHistory(bm.database, 2);
  expect((await written()).lines.map(([, event]: string[]) => event)).toEqual(['b', 'c']);
});

test('of a node that was changed since nothing is written', async () => {
  const seen = await findSeen(bm.database, uuid);
  await tables(bm.database).updateTable('baremetal_nodes').set({ description: 'changed' }).execute();
  const before = await written();
  expect(await changeSeen(parts, seen, { power_state: 'power off' }, { note: { text: 'too late' } })).toBeUndefined();
  expect(await written()).toEqual(before);
  expect((await findSeen(bm.database, uuid)).power_state).toBe('power on');
});
