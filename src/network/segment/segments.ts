// Segments: /v2.0/segments, one a rack in a routed network.
import { Type } from '@sinclair/typebox';
import { sql } from 'kysely';
import { errors } from '../errors.ts';
import { checkedSegment, insertSegment } from '../network/segments-of.ts';
import { free, idText, nameText, nullable, once, readOnly, required } from '../resource/attributes.ts';
import { each, type Resource } from '../resource/resource.ts';
import { all, first, optionalText, type Row, text, update } from '../store.ts';

export const segments: Resource = {
  path: '/v2.0/segments',
  member: 'segment',
  members: 'segments',
  notFound: errors.SegmentNotFound,
  attributes: {
    id: readOnly('text'),
    project_id: once(Type.String()),
    tenant_id: once(Type.String()),
    network_id: required(idText, 'text'),
    name: free(nullable(nameText), 'text'),
    description: free(nullable(nameText), 'text'),
    network_type: required(Type.String({ maxLength: 32 }), 'text'),
    physical_network: once(nullable(Type.String({ maxLength: 64 })), 'text'),
    segmentation_id: once(nullable(Type.Union([Type.Integer(), Type.String({ pattern: '^\\d+$' })])), 'integer'),
    revision_number: readOnly('integer'),
    created_at: readOnly(),
    updated_at: readOnly(),
  },
  query: sql<Row>`select s.*, '' as project_id from network_segments s`,
  present: ({ project_id: _project, ...row }) => row,
  create: each(async (tx, attributes) => {
    const networkId = text(attributes, 'network_id');
    if (!(await first(tx, sql`select 1 from network_networks where id = ${networkId} for key share`)))
      throw errors.NetworkNotFound(networkId);
    const id = attributes.segmentation_id;
    const name = optionalText(attributes, 'name');
    const description = optionalText(attributes, 'description');
    const segment = checkedSegment({
      networkType: text(attributes, 'network_type'),
      physicalNetwork: optionalText(attributes, 'physical_network') ?? null,
      segmentationId: id === undefined || id === null ? null : Number(id),
    });
    return insertSegment(tx, networkId, {
      ...segment,
      ...(name === undefined ? {} : { name }),
      ...(description === undefined ? {} : { description }),
    });
  }),
  update: async (tx, before, attributes) => update(tx, 'network_segments', text(before, 'id'), attributes),
  remove: async (tx, row) => {
    const id = text(row, 'id');
    const used = await all(tx, sql<{ id: string }>`select id from network_subnets where segment_id = ${id} limit 5`);
    if (used.length > 0) throw errors.InUse('Segment', id, `subnets ${used.map((one) => one.id).join(', ')}`);
    const others = await all(
      tx,
      sql`select 1 from network_segments where network_id = ${text(row, 'network_id')} and id <> ${id} limit 1`,
    );
    if (others.length === 0)
      throw errors.InUse('Segment', id, `network ${text(row, 'network_id')}, whose only one it is`);
    await sql`delete from network_segments where id = ${id}`.execute(tx);
  },
};
