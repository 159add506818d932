// Exports, the abandoning of stacks and their snapshots.
import { Type } from '@sinclair/typebox';
import type { Database } from '../../database/index.ts';
import { type ApiRequest, empty, json, type Route, route } from '../../openstack/index.ts';
import type { SnapshotRow, Snapshots } from '../snapshot/snapshots.ts';
import { heatTime } from '../stack/view.ts';
import { stackOf } from './request.ts';

const stack = '/v1/:tenant/stacks/:stack/:id';
const one = `${stack}/snapshots/:snapshot`;

function view(row: SnapshotRow) {
  return {
    id: row.id,
    name: row.name,
    status: 'COMPLETE',
    status_reason: 'Stack SNAPSHOT completed successfully',
    data: row.data,
    creation_time: heatTime(row.creation_time),
  };
}

export function snapshotRoutes(database: Database, snapshots: Snapshots): Route[] {
  const idOf = (request: ApiRequest) => request.params.snapshot ?? '';
  return [
    route({
      method: 'GET',
      path: `${stack}/export`,
      policy: 'stacks:export',
      summary: 'Exports a stack: what it was made from and what it has',
      handler: async (request) => json(await snapshots.export(await stackOf(database, request))),
    }),
    route({
      method: 'DELETE',
      path: `${stack}/abandon`,
      policy: 'stacks:abandon',
      summary: 'Lets go of a stack: it is gone, what it had stays; answers its export',
      handler: async (request) => json(await snapshots.abandon(await stackOf(database, request))),
    }),
    route({
      method: 'POST',
      path: `${stack}/snapshots`,
      policy: 'stacks:snapshot',
      summary: 'Keeps what a stack is made from; what is on disks is not in it',
      body: Type.Object({ name: Type.Optional(Type.Union([Type.String({ maxLength: 255 }), Type.Null()])) }),
      handler: async (request) =>
        json(view(await snapshots.create(await stackOf(database, request), request.body.name ?? null))),
    }),
    route({
      method: 'GET',
      path: `${stack}/snapshots`,
      policy: 'stacks:list_snapshots',
      summary: 'Lists snapshots',
      handler: async (request) =>
        json({ snapshots: (await snapshots.list(await stackOf(database, request))).map(view) }),
    }),
    route({
      method: 'GET',
      path: one,
      policy: 'stacks:show_snapshot',
      summary: 'Shows a snapshot',
      handler: async (request) =>
        json({ snapshot: view(await snapshots.get(await stackOf(database, request), idOf(request))) }),
    }),
    route({
      method: 'DELETE',
      path: one,
      policy: 'stacks:delete_snapshot',
      summary: 'Deletes a snapshot',
      handler: async (request) => {
        await snapshots.remove(await stackOf(database, request), idOf(request));
        return empty(204);
      },
    }),
    route({
      method: 'POST',
      path: `${one}/restore`,
      policy: 'stacks:restore_snapshot',
      summary: 'Updates a stack to what it was made from at the snapshot',
      payload: 'any',
      handler: async (request) => {
        await snapshots.restore(request.context.caller, await stackOf(database, request), idOf(request));
        return empty(202);
      },
    }),
  ];
}
