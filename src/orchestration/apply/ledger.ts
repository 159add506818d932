// How a round writes down what becomes of resources: their rows, their vertices, their events.
import { randomUUID } from 'node:crypto';
import type { Vertex } from '../graph/index.ts';
import type { ResourcePlace } from '../resources/live/contract.ts';
import type { PlainMap, ResourceRow, StackRow } from '../stack/store.ts';
import { placeOf } from './place.ts';
import type { Work, WorkVertex } from './work.ts';

export class Ledger {
  private readonly work: Work;

  constructor(work: Work) {
    this.work = work;
  }

  finish(vertex: WorkVertex): void {
    vertex.state = 'done';
    vertex.reason = null;
    this.work.touchVertex(vertex);
  }

  complete(
    vertex: WorkVertex,
    row: ResourceRow,
    verb: string,
    before: ResourceRow | undefined,
    announced = false,
  ): void {
    this.finish(vertex);
    const same = before?.status === 'COMPLETE' && sameContent(before, row);
    if (same) return;
    if (!announced && !before) this.announce(row, verb, 'IN_PROGRESS', 'state changed');
    this.work.putResource({
      ...row,
      action: verb,
      status: 'COMPLETE',
      status_reason: 'state changed',
      updated_time: new Date(),
    });
    this.announce(row, verb, 'COMPLETE', 'state changed');
  }

  fail(vertex: WorkVertex, node: Vertex | undefined, reason: string): void {
    vertex.state = 'failed';
    vertex.reason = reason;
    this.work.touchVertex(vertex);
    const existing = this.work.resources.get(vertex.path);
    const row = existing ?? (node ? this.rowOf(node, undefined, {}) : undefined);
    if (!row) return;
    const verb = vertex.action === 'delete' ? 'DELETE' : this.verbFor(existing);
    this.work.putResource({ ...row, action: verb, status: 'FAILED', status_reason: reason });
    this.announce(row, verb, 'FAILED', reason);
  }

  verbFor(existing: ResourceRow | undefined): string {
    return existing && !(existing.action === 'CREATE' && existing.status !== 'COMPLETE') && existing.action !== 'INIT'
      ? 'UPDATE'
      : 'CREATE';
  }

  announce(row: ResourceRow, action: string, status: string, reason: string): void {
    this.work.event({
      stackId: row.stack_id,
      name: row.name,
      type: row.type,
      physicalId: row.physical_id,
      action,
      status,
      reason,
      properties: status === 'IN_PROGRESS' ? row.properties : {},
    });
  }

  stackOf(node: Vertex): StackRow {
    const stack = this.work.stacks.get(node.stack);
    if (!stack) throw new Error(`stack ${this.work.root.id} has no nested stack at ${node.stack}`);
    return stack;
  }

  rowOf(node: Vertex, existing: ResourceRow | undefined, properties: PlainMap, metadata: PlainMap = {}): ResourceRow {
    const now = new Date();
    return {
      id: existing?.id ?? randomUUID(),
      root_id: this.work.root.id,
      stack_id: this.stackOf(node).id,
      path: node.path,
      name: node.name,
      type: node.type,
      action: existing?.action ?? 'INIT',
      status: existing?.status ?? 'COMPLETE',
      status_reason: existing?.status_reason ?? '',
      physical_id: existing?.physical_id ?? null,
      properties,
      attributes: existing?.attributes ?? {},
      metadata,
      data: { ...existing?.data, implementation: node.implementation },
      requires: [...node.requires],
      deletion_policy: node.deletionPolicy,
      generation: this.work.root.generation,
      creation_time: existing?.creation_time ?? now,
      updated_time: now,
    };
  }

  placeOf(row: ResourceRow): ResourcePlace {
    return placeOf(
      this.work.root,
      [...this.work.stacks.values()].find((stack) => stack.id === row.stack_id) ?? this.work.root,
      row,
    );
  }

  /** What is the same in the world may stand elsewhere in the graph: its order of deletion follows from that. */
  keep(node: Vertex, existing: ResourceRow, metadata: PlainMap): void {
    const row = { ...this.rowOf(node, existing, existing.properties, metadata), updated_time: existing.updated_time };
    const same = sameContent(existing, row) && existing.deletion_policy === row.deletion_policy;
    if (!same) this.work.putResource(row);
  }
}

function sameContent(a: ResourceRow, b: ResourceRow): boolean {
  const content = (row: ResourceRow) =>
    JSON.stringify([row.properties, row.attributes, row.physical_id, row.requires, row.metadata, row.type]);
  return content(a) === content(b);
}
