// What a mounted API answers before and around its handlers.
import { Type } from '@sinclair/typebox';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Caller } from './context.ts';
import { catalogue, fault } from './errors.ts';
import { errorsFault } from './faults.ts';
import { type Api, json, route } from './route.ts';
import { serve, type TestServer, testAdmin } from './testing/index.ts';

const errors = catalogue({
  ThingNotFound: fault(404, (id: string) => `Thing ${id} could not be found.`, 'List them.'),
});
const api: Api = {
  service: 'thing',
  path: '/thing',
  policy: { 'thing:get': 'role:reader', 'thing:create': 'role:admin and project_id:%(project_id)s' },
  microversions: {
    range: { min: { major: 1, minor: 0 }, max: { major: 1, minor: 9 } },
    headers: ['openstack-api-version'],
    answer: (version) => ({ 'openstack-api-version': `thing ${version}`, vary: 'openstack-api-version' }),
  },
  renderFault: errorsFault,
  routes: [
    route({ method: 'GET', path: '/', policy: null, summary: 'Versions', handler: () => json({ versions: [] }) }),
    route({
      method: 'GET',
      path: '/things/:id',
      policy: 'thing:get',
      summary: 'Show',
      handler: ({ params }) => {
        throw errors.ThingNotFound(params.id ?? '');
      },
    }),
    route({
      method: 'GET',
      path: '/new',
      since: '1.5',
      policy: 'thing:get',
      summary: 'New',
      handler: () => json({ new: true }),
    }),
    route({
      method: 'POST',
      path: '/things',
      policy: 'thing:create',
      summary: 'Create',
      body: Type.Object({ size: Type.Integer() }, { additionalProperties: false }),
      handler: ({ body }) => json({ twice: body.size * 2 }, 201),
    }),
  ],
};

let http: TestServer;
let caller: Caller | undefined = testAdmin;
beforeAll(async () => {
  http = await serve(api, { caller: () => caller });
});
afterAll(() => http.close());

describe('a mounted API', () => {
  test('answers open routes without a token and the others with 401', async () => {
    caller = undefined;
    expect((await http.get('/')).status).toBe(200);
    expect((await http.get('/things/1')).status).toBe(401);
    caller = testAdmin;
  });

  test('renders an error of the catalogue with its hint and a request id', async () => {
    const answer = await http.get('/things/7');
    expect(answer.status).toBe(404);
    expect(answer.json.errors[0].detail).toBe('Thing 7 could not be found. List them.');
    expect(answer.json.errors[0].request_id).toBe(answer.headers.get('x-openstack-request-id'));
  });

  test('answers 405 with the methods that are allowed', async () => {
    const answer = await http.delete('/things/7');
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET']);
    expect((await http.request('OPTIONS', '/things/7')).status).toBe(405);
    expect((await http.delete('/new', { 'openstack-api-version': 'thing 1.4' })).status).toBe(405);
  });

  test('hides a route from versions that do not have it', async () => {
    expect((await http.get('/new', { 'openstack-api-version': 'thing 1.4' })).status).toBe(404);
    const answer = await http.get('/new', { 'openstack-api-version': 'other 2.1, thing latest' });
    expect([answer.status, answer.headers.get('openstack-api-version')]).toEqual([200, 'thing 1.9']);
  });

  test('refuses versions outside of its range with 406 and nonsense with 400', async () => {
    expect((await http.get('/new', { 'openstack-api-version': 'thing 1.10' })).status).toBe(406);
    expect((await http.get('/new', { 'openstack-api-version': 'thing new' })).status).toBe(400);
  });

  test('names the field that breaks the schema', async () => {
    const answer = await http.post('/things', { size: 'big' });
    expect([answer.status, answer.json.errors[0].detail]).toEqual([
      400,
      'Invalid input for field/attribute size. must be integer',
    ]);
    expect((await http.post('/things', { size: 4 })).json).toEqual({ twice: 8 });
  });

  test('refuses a caller whose role does not pass the rule', async () => {
    caller = { userId: 'u', roles: ['reader'], projectId: 'p' };
    const answer = await http.post('/things', { size: 4 });
    expect(answer.status).toBe(403);
    caller = testAdmin;
  });
});
