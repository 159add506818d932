// Tests who may see and do what: every request of a table, for every persona, in the order of the table's columns.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { serve, type TestServer } from '../../openstack/testing/index.ts';
import type { Persona, Table } from './access.data.ts';
import { startTestBaremetal, type TestBaremetal } from './index.ts';

interface Place {
  readonly bm: TestBaremetal;
  readonly api: TestServer;
  /** The UUIDs that `{name}` in a request stands for. */
  readonly uuids: Readonly<Record<string, string>>;
}

const at = { 'x-openstack-ironic-api-version': '1.96' };
/** The headers of a persona. */
export const as = (name: string) => ({ 'x-persona': name, ...at });

/** A node of the projects owner and lessee with all that can hang on it, and another one that belongs to nobody. */
async function openPlace({ strictScopes, personas }: Table): Promise<Place> {
  const bm = await startTestBaremetal({ config: { strictScopes } });
  const callers = new Map<string, Persona>(Object.entries(personas));
  const api = await serve(bm.baremetal.api, {
    authenticate: async (headers) => callers.get(String(headers['x-persona'])),
  });
  const uuids: Record<string, string> = { nothing: '11111111-1111-4111-8111-111111111111' };
  const make = async (key: string, path: string, body: object) => {
    const { status, json, text } = await bm.http.post(path, body, at);
    expect(status, text).toBe(201);
    uuids[key] = json.uuid;
    return json.uuid;
  };
  const step = { interface: 'bios', step: 'apply_configuration', args: {} };
  await make('chassis', '/v1/chassis', {});
  await make('mine', '/v1/nodes', {
    name: 'n1',
    driver: 'fake-hardware',
    owner: 'owner',
    lessee: 'lessee',
    driver_info: { address: '10.0.0.1' },
    chassis_uuid: uuids.chassis,
  });
  await make('foreign', '/v1/nodes', { name: 'n2', driver: 'fake-hardware' });
  for (const [key, number] of [
    ['mine', 1],
    ['foreign', 2],
  ] as const) {
    const node = { node_uuid: uuids[key] };
    await make(`${key}_group`, '/v1/portgroups', { ...node, name: `g${number}` });
    await make(`${key}_port`, '/v1/ports', { ...node, name: `p${number}`, address: `52:54:00:00:00:0${number}` });
    const connector = { ...node, type: 'iqn', connector_id: `iqn.2026-01.a:${number}` };
    await make(`${key}_connector`, '/v1/volume/connectors', connector);
    const target = { ...node, volume_type: 'iscsi', volume_id: 'v', boot_index: 0, properties: { secret: 1 } };
    await make(`${key}_target`, '/v1/volume/targets', target);
  }
  await make('mine_allocation', '/v1/allocations', { name: 'a1', resource_class: 'none', owner: 'owner' });
  await make('foreign_allocation', '/v1/allocations', { name: 'a2', resource_class: 'none' });
  await make('template', '/v1/deploy_templates', { name: 'CUSTOM_T', steps: [{ ...step, priority: 1 }] });
  const steps = [{ ...step, order: 1 }];
  await make('mine_runbook', '/v1/runbooks', { name: 'CUSTOM_OWN', steps, owner: 'owner' });
  await make('foreign_runbook', '/v1/runbooks', { name: 'CUSTOM_NOBODY', steps });
  await make('public_runbook', '/v1/runbooks', { name: 'CUSTOM_PUBLIC', steps, public: true });
  await make('rule', '/v1/inspection_rules', { actions: [{ op: 'fail', args: { msg: 'x' } }] });
  return { bm, api, uuids };
}

/** Declares the tests of a table: one table a file, for a process has one engine. Answers where further tests ask. */
export function testAccess(table: Table): () => Place {
  let place: Place;
  beforeAll(async () => {
    place = await openPlace(table);
  }, 120_000);
  afterAll(async () => {
    await place.api.close();
    await place.bm.stop();
  });

  test.each(table.cases)('%s answers each persona as the policy says', async (request, body, statuses) => {
    const filled = (text: string) => text.replace(/\{(\w+)\}/g, (all, key: string) => place.uuids[key] ?? all);
    const [method = '', path = ''] = filled(request).split(' ');
    const answers: string[] = [];
    for (const name of Object.keys(table.personas)) {
      const more = body === undefined ? {} : { body: JSON.parse(filled(JSON.stringify(body))) };
      const { status } = await place.api.request(method, path, { headers: as(name), ...more });
      answers.push(`${name} ${status}`);
    }
    const expected = statuses.trim().split(/\s+/);
    expect(answers).toEqual(Object.keys(table.personas).map((name, index) => `${name} ${expected[index]}`));
  });

  test.each(table.shown)('%s shows each persona what it may see', async (path, seen) => {
    const shown: Record<string, string[]> = {};
    for (const name of Object.keys(table.personas)) {
      const { json } = await place.api.get(path, as(name));
      const list = Object.values(json).find(Array.isArray) ?? [];
      shown[name] = list.map((one: { name?: string; uuid: string }) => one.name ?? nameOf(place, one.uuid)).sort();
    }
    for (const [name, names] of Object.entries(shown))
      expect(names, name).toEqual(seen[name] ?? seen[name.split(' ')[0] ?? ''] ?? []);
  });
  return () => place;
}

function nameOf({ uuids }: Place, uuid: string): string {
  return Object.keys(uuids).find((key) => uuids[key] === uuid) ?? uuid;
}
