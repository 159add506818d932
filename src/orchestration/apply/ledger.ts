// How a round writes down what becomes of resources: their rows, their vertices, their events.
import { randomUUID } from 'node:crypto';
import type { Vertex } from '../graph/index.ts';
import type { ResourcePlace } from '../resources/live/contract.ts';
import type { PlainMap, ResourceRow, StackRow } from '../stack/store.ts';
import { hold, hookOf, hooksOf, stopsAt } from './hooks.ts';
import { placeOf } from './place.ts';
import { isVisit } from './visit.ts';
import { eventOf, type Work, type WorkVertex } from './work.ts';

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
    this.settle(row, verb, 'state changed');
    const hook = hookOf('post', verb);
    if (stopsAt(row.data, hook, this.work.root.operation_id))
      hold(this.work, vertex, { ...row, action: verb, status: 'COMPLETE' }, verb, hook);
  }

  /** The row as complete, and the event of it. */
  settle(row: ResourceRow, verb: string, reason: string): void {
    this.work.putResource({
      ...row,
      action: verb,
      status: 'COMPLETE',
      status_reason: reason,
      updated_time: new Date(),
    });
    this.announce(row, verb, 'COMPLETE', reason);
  }

  /** A nested stack is at work from the moment in which something inside of it may be. */
  begin(node: Vertex): void {
    const existing = this.work.resources.get(node.path);
    if (existing && existing.status !== 'FAILED' && existing.action !== 'INIT') return;
    const verb = this.verbFor(existing);
    const row = { ...this.rowOf(node, existing, {}), physical_id: this.work.stacks.get(node.path)?.id ?? null };
    this.work.putResource({ ...row, action: verb, status: 'IN_PROGRESS', status_reason: 'state changed' });
    this.announce(row, verb, 'IN_PROGRESS', 'state changed');
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

  /** What is to be is refused; what is stays as it is. */
  refuse(vertex: WorkVertex, row: ResourceRow, reason: string): void {
    this.work.touchVertex(Object.assign(vertex, { state: 'failed', reason }));
    this.announce(row, isVisit(this.work.root.action) ? this.work.root.action : 'UPDATE', 'FAILED', reason);
  }

  verbFor(existing: ResourceRow | undefined): string {
    if (this.work.root.action === 'ADOPT') return 'ADOPT';
    return existing && !(existing.action === 'CREATE' && existing.status !== 'COMPLETE') && existing.action !== 'INIT'
      ? 'UPDATE'
      : 'CREATE';
  }

  announce(row: ResourceRow, action: string, status: string, reason: string): void {
    this.work.event(eventOf(row, action, status, reason));
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
      data: { ...existing?.data, implementation: node.implementation, ...this.breakpoints(node) },
      requires: [...node.requires],
      deletion_policy: node.deletionPolicy,
      generation: this.work.root.generation,
      creation_time: existing?.creation_time ?? now,
      updated_time: now,
    };
  }

  private breakpoints(node: Vertex): { hooks?: string[] } {
    const hooks = hooksOf(node);
    return hooks.length === 0 && !this.work.resources.get(node.path)?.data.hooks ? {} : { hooks };
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
    JSON.stringify([
      row.properties,
      row.attributes,
      row.physical_id,
      row.requires,
      row.metadata,
      row.type,
      row.data.hooks,
    ]);
  return content(a) === content(b);
}
