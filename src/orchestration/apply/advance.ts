// Takes a stack as far as it goes now: starts what is ready, computes what needs no machine, sees whether it has ended.
import { randomUUID } from 'node:crypto';
import type { Transaction } from '../../database/index.ts';
import { appendEvent } from '../../events/index.ts';
import { OperationFailed, type Operations } from '../../operations/index.ts';
import type { Graph, Vertex } from '../graph/index.ts';
import type { LiveType, ResourcePlace } from '../resources/live/contract.ts';
import { lockRoot, type PlainMap, type ResourceRow, type StackRow } from '../stack/store.ts';
import { type ResourceTypeLibrary, TemplateError } from '../template/index.ts';
import { decide } from './decide.ts';
import { syncVertices } from './prepare.ts';
import { knownValues } from './values.ts';
import { loadWork, plainMap, vertexKey, type Work, type WorkVertex } from './work.ts';

export interface ApplyDependencies {
  readonly operations: Operations;
  readonly types: ResourceTypeLibrary;
  /** Behaviour by implementation name; a type without one is refused at validation. */
  readonly live: ReadonlyMap<string, LiveType>;
  /** The graph of the generation the stack moves to, expanded as far as the values known now allow. */
  graphOf(tx: Transaction, root: StackRow, values: ReturnType<typeof knownValues>): Promise<Graph>;
}

export const resourceOperationKind = 'stack.resource';

/**
 * One round under the lock of the root stack. Answers whether the apply has ended. Does nothing for an apply that another
 * one has replaced.
 */
export async function advance(
  deps: ApplyDependencies,
  tx: Transaction,
  rootId: string,
  applyId: string,
  change?: (work: Work) => void,
): Promise<'open' | 'ended' | 'superseded'> {
  const root = await lockRoot(tx, rootId);
  if (root.operation_id !== applyId) return 'superseded';
  const work = await loadWork(tx, root);
  change?.(work);
  const round = new Round(deps, tx, work);
  await round.run();
  const ended = round.conclude();
  await work.flush(tx);
  const done = [...work.vertices.values()].filter((vertex) => vertex.state === 'done').length;
  await deps.operations.report(tx, applyId, { done, total: work.vertices.size, unit: 'resources' });
  if (ended) {
    await appendEvent(tx, {
      kind: 'orchestration.stack',
      subject: `stack:${root.id}`,
      projectId: root.project_id,
      operationId: applyId,
      payload: {
        stack: root.name,
        status: `${work.root.action}_${work.stacks.get('')?.status ?? ''}`,
        reason: work.stacks.get('')?.status_reason ?? '',
      },
    });
  }
  return ended ? 'ended' : 'open';
}

class Round {
  private readonly deps: ApplyDependencies;
  private readonly tx: Transaction;
  private readonly work: Work;
  private graph: Graph | undefined;

  constructor(deps: ApplyDependencies, tx: Transaction, work: Work) {
    this.deps = deps;
    this.tx = tx;
    this.work = work;
  }

  private readonly isDone = (key: string) => (this.work.vertices.get(key)?.state ?? 'done') === 'done';
  private readonly values = () => knownValues(this.work.resources, (path) => this.isDone(vertexKey('converge', path)));

  async run(): Promise<void> {
    const { work } = this;
    if (work.root.action !== 'DELETE') {
      this.graph = await this.deps.graphOf(this.tx, work.root, this.values());
      // A value that has just come may have unfolded a deferred stack.
      syncVertices(work, this.graph);
    }
    for (let moved = true; moved; ) {
      moved = false;
      for (const vertex of [...work.vertices.values()]) {
        if (vertex.state !== 'waiting' || !vertex.requires.every(this.isDone)) continue;
        await this.process(vertex);
        if (vertex.state !== 'waiting') moved = true;
      }
      if (moved || !this.graph) continue;
      moved = await this.unfold();
    }
  }

  /** Expands deferred stacks whose value has come. */
  private async unfold(): Promise<boolean> {
    const ready = [...(this.graph?.vertices.values() ?? [])].some(
      (vertex) =>
        vertex.kind === 'deferred' &&
        vertex.waitsFor !== undefined &&
        this.isDone(vertexKey('converge', vertex.waitsFor.path)),
    );
    if (!ready) return false;
    this.graph = await this.deps.graphOf(this.tx, this.work.root, this.values());
    return syncVertices(this.work, this.graph) > 0;
  }

  private async process(vertex: WorkVertex): Promise<void> {
    try {
      if (vertex.action === 'delete') await this.remove(vertex);
      else await this.converge(vertex);
    } catch (error) {
      // A template function or property that fails belongs to its resource; everything else is ours and ends the round.
      if (!(error instanceof TemplateError || error instanceof OperationFailed)) throw error;
      this.fail(vertex, error.message);
    }
  }

  private async converge(vertex: WorkVertex): Promise<void> {
    const node = this.graph?.vertices.get(vertex.path);
    if (!node) return this.finish(vertex);
    switch (node.kind) {
      case 'deferred':
        return; // it unfolds when its value comes
      case 'stack':
        return this.finishStack(vertex, node);
      case 'computed':
        return this.compute(vertex, node);
      case 'resource':
        return this.convergeResource(vertex, node);
    }
  }

  private compute(vertex: WorkVertex, node: Vertex): void {
    const { properties } = node.resolve(this.values());
    const before = this.work.resources.get(node.path);
    const attributes: PlainMap = node.implementation === 'OS::Heat::None' ? {} : { value: properties.value ?? null };
    const row = this.rowOf(node, before, properties);
    this.complete(
      vertex,
      { ...row, physical_id: row.physical_id ?? `${this.stackOf(node).name}-${node.name}`, attributes },
      before === undefined ? 'CREATE' : 'UPDATE',
      before,
    );
  }

  private finishStack(vertex: WorkVertex, node: Vertex): void {
    const before = this.work.resources.get(node.path);
    const nested = this.work.stacks.get(node.path);
    const row = this.rowOf(node, before, {});
    this.complete(vertex, { ...row, physical_id: nested?.id ?? null }, this.verb(before), before);
  }

  private async convergeResource(vertex: WorkVertex, node: Vertex): Promise<void> {
    const live = this.deps.live.get(node.implementation);
    const resolved = node.resolve(this.values());
    const existing = this.work.resources.get(node.path);
    if (resolved.externalId !== undefined) {
      const row = this.rowOf(node, existing, resolved.properties);
      return this.complete(
        vertex,
        { ...row, physical_id: resolved.externalId },
        existing ? 'CHECK' : 'CREATE',
        existing,
      );
    }
    if (!live) return this.fail(vertex, `resource type ${node.implementation} cannot be created by this server`);
    const decision = decide(existing, node.implementation, resolved.properties, this.deps.types, {
      canUpdate: live.update !== undefined,
    });
    switch (decision.kind) {
      case 'none':
        return this.finish(vertex);
      case 'create':
        return this.start(
          vertex,
          live,
          'create',
          { ...this.rowOf(node, existing, resolved.properties, resolved.metadata) },
          existing,
        );
      case 'update':
        return this.start(
          vertex,
          live,
          'update',
          { ...this.rowOf(node, existing, resolved.properties, resolved.metadata) },
          existing,
        );
      case 'replace': {
        if (existing) this.setAside(existing, node.path);
        return this.start(
          vertex,
          live,
          'create',
          { ...this.rowOf(node, undefined, resolved.properties, resolved.metadata) },
          undefined,
        );
      }
    }
  }

  /** The replaced resource waits under another path until what hung on it has moved to the new one. */
  private setAside(old: ResourceRow, path: string): void {
    const aside = `${path}@${old.id.slice(0, 8)}`;
    this.work.resources.delete(path);
    this.work.putResource({ ...old, path: aside });
    const dependents = [...(this.graph?.vertices.values() ?? [])].filter((node) => node.requires.includes(path));
    this.work.touchVertex({
      path: aside,
      action: 'delete',
      state: 'waiting',
      requires: [vertexKey('converge', path), ...dependents.map((node) => vertexKey('converge', node.path))],
      attempt: 0,
      operationId: null,
      reason: null,
    });
  }

  private async start(
    vertex: WorkVertex,
    live: LiveType,
    action: 'create' | 'update',
    row: ResourceRow,
    existing: ResourceRow | undefined,
  ): Promise<void> {
    const verb = action === 'create' ? 'CREATE' : 'UPDATE';
    const before = existing && {
      physicalId: existing.physical_id ?? '',
      attributes: existing.attributes,
      properties: plainMap(existing.data.applied ?? existing.properties),
      data: existing.data,
    };
    this.announce(row, verb, 'IN_PROGRESS', 'state changed');
    if (live.kind === 'immediate') {
      const place = this.placeOf(row);
      const state =
        action === 'create' || !live.update || !before
          ? await live.create(this.tx, place, row.properties)
          : await live.update(this.tx, place, row.properties, before);
      const data = { ...row.data, ...plainMap(state.data) };
      return this.complete(
        vertex,
        { ...row, physical_id: state.physicalId, attributes: plainMap(state.attributes), data },
        verb,
        existing,
        true,
      );
    }
    const previous = existing?.data.applied ?? existing?.properties;
    this.work.putResource({
      ...row,
      action: verb,
      status: 'IN_PROGRESS',
      status_reason: 'state changed',
      data: { ...row.data, ...(previous ? { applied: previous } : {}) },
    });
    await this.operate(vertex, row, action);
  }

  private async operate(vertex: WorkVertex, row: ResourceRow, action: 'create' | 'update' | 'delete'): Promise<void> {
    const { root } = this.work;
    const id = randomUUID();
    Object.assign(vertex, { state: 'running', operationId: id, attempt: vertex.attempt + 1, reason: null });
    this.work.touchVertex(vertex);
    await this.deps.operations.start(this.tx, {
      id,
      kind: resourceOperationKind,
      target: `stack:${root.id}/${row.path}`,
      input: { rootId: root.id, applyId: root.operation_id, resourceId: row.id, path: vertex.path, action },
      requestedBy: root.owner_name,
      projectId: root.project_id,
    });
  }

  private async remove(vertex: WorkVertex): Promise<void> {
    const row = this.work.resources.get(vertex.path);
    if (!row) return this.finish(vertex);
    const live = this.deps.live.get(String(row.data.implementation ?? row.type));
    const gone = () => {
      this.announce(row, 'DELETE', 'COMPLETE', 'state changed');
      this.work.removeResource(row.path);
      this.finish(vertex);
    };
    if (!live || row.deletion_policy === 'Retain' || row.data.external === true) return gone();
    this.announce(row, 'DELETE', 'IN_PROGRESS', 'state changed');
    if (live.kind === 'immediate') {
      await live.delete?.(this.tx, this.placeOf(row), {
        physicalId: row.physical_id ?? '',
        attributes: row.attributes,
        properties: row.properties,
        data: row.data,
      });
      return gone();
    }
    this.work.putResource({ ...row, action: 'DELETE', status: 'IN_PROGRESS', status_reason: 'state changed' });
    await this.operate(vertex, row, 'delete');
  }

  private finish(vertex: WorkVertex): void {
    vertex.state = 'done';
    vertex.reason = null;
    this.work.touchVertex(vertex);
  }

  private complete(
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

  private fail(vertex: WorkVertex, reason: string): void {
    vertex.state = 'failed';
    vertex.reason = reason;
    this.work.touchVertex(vertex);
    const node = this.graph?.vertices.get(vertex.path);
    const existing = this.work.resources.get(vertex.path);
    const row = existing ?? (node ? this.rowOf(node, undefined, {}) : undefined);
    if (!row) return;
    const verb = vertex.action === 'delete' ? 'DELETE' : this.verb(existing);
    this.work.putResource({ ...row, action: verb, status: 'FAILED', status_reason: reason });
    this.announce(row, verb, 'FAILED', reason);
  }

  private verb(existing: ResourceRow | undefined): string {
    return existing && !(existing.action === 'CREATE' && existing.status !== 'COMPLETE') && existing.action !== 'INIT'
      ? 'UPDATE'
      : 'CREATE';
  }

  private announce(row: ResourceRow, action: string, status: string, reason: string): void {
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

  private stackOf(node: Vertex): StackRow {
    const stack = this.work.stacks.get(node.stack);
    if (!stack) throw new Error(`stack ${this.work.root.id} has no nested stack at ${node.stack}`);
    return stack;
  }

  private rowOf(
    node: Vertex,
    existing: ResourceRow | undefined,
    properties: PlainMap,
    metadata: PlainMap = {},
  ): ResourceRow {
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

  private placeOf(row: ResourceRow): ResourcePlace {
    return placeOf(
      this.work.root,
      [...this.work.stacks.values()].find((stack) => stack.id === row.stack_id) ?? this.work.root,
      row,
    );
  }

  /** Sets the status of every stack of the tree; true when nothing moves any more. */
  conclude(): boolean {
    const { work } = this;
    const vertices = [...work.vertices.values()];
    const ended = !vertices.some((vertex) => vertex.state === 'running');
    const open = vertices.filter((vertex) => vertex.state !== 'done');
    for (const stack of [...work.stacks.values()]) {
      const inside = open.filter((vertex) => stack.path === '' || vertex.path.startsWith(`${stack.path}/`));
      const { status, reason } = statusOf(work.root.action, inside, ended);
      if (stack.status === status && stack.status_reason === reason && stack.action === work.root.action) continue;
      work.putStack({ ...stack, action: work.root.action, status, status_reason: reason });
      if (status !== 'IN_PROGRESS') {
        work.event({
          stackId: stack.id,
          name: stack.name,
          type: 'OS::Heat::Stack',
          physicalId: stack.id,
          action: work.root.action,
          status,
          reason,
          properties: {},
        });
      }
    }
    if (ended && open.length === 0) this.sweep();
    return ended;
  }

  /** After a complete apply: nested stacks that hold nothing any more, and a deleted root, are marked as deleted. Their events stay. */
  private sweep(): void {
    const { work } = this;
    const root = work.stacks.get('');
    for (const stack of [...work.stacks.values()].sort((a, b) => b.path.length - a.path.length)) {
      if (stack.path !== '' && !this.graph?.stacks.has(stack.path))
        work.putStack({ ...stack, action: 'DELETE', status: 'COMPLETE', deletion_time: new Date() });
    }
    if (root && work.root.action === 'DELETE') work.putStack({ ...root, deletion_time: new Date() });
  }
}

function sameContent(a: ResourceRow, b: ResourceRow): boolean {
  const content = (row: ResourceRow) =>
    JSON.stringify([row.properties, row.attributes, row.physical_id, row.requires, row.metadata, row.type]);
  return content(a) === content(b);
}

function statusOf(action: string, open: readonly WorkVertex[], ended: boolean): { status: string; reason: string } {
  const name = `${action[0] ?? ''}${action.slice(1).toLowerCase()}`;
  if (!ended) return { status: 'IN_PROGRESS', reason: `Stack ${action} started` };
  if (open.length === 0) return { status: 'COMPLETE', reason: `Stack ${action} completed successfully` };
  const causes = open.filter((vertex) => vertex.state === 'failed' || vertex.state === 'parked');
  const words = causes.map((vertex) => `resources.${vertex.path}: ${vertex.reason ?? vertex.state}`);
  return {
    status: 'FAILED',
    reason: `Resource ${action} failed: ${words.join('; ') || `${name} was held back by another resource`}`,
  };
}

export function placeOf(root: StackRow, stack: StackRow, row: ResourceRow): ResourcePlace {
  return {
    id: row.id,
    name: row.name,
    path: row.path,
    rootId: root.id,
    stackId: stack.id,
    stackName: stack.name,
    projectId: root.project_id,
    userId: root.owner_id,
    userName: root.owner_name,
  };
}
