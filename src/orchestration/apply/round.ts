// One round over a stack: starts what is ready and computes what needs no machine.
import { randomUUID } from 'node:crypto';
import type { Transaction } from '../../database/index.ts';
import { OperationFailed } from '../../operations/index.ts';
import type { Graph, Vertex } from '../graph/index.ts';
import type { LiveType, ResourcePlace } from '../resources/live/contract.ts';
import type { PlainMap, ResourceRow, StackRow } from '../stack/store.ts';
import { TemplateError } from '../template/index.ts';
import { abilityOf, changedProperties, decide } from './decide.ts';
import { type ApplyDependencies, resourceOperationKind } from './dependencies.ts';
import { placeOf } from './place.ts';
import { layOutDeletions, syncVertices } from './prepare.ts';
import { goesAway } from './start.ts';
import { knownValues } from './values.ts';
import { plainMap, vertexKey, type Work, type WorkVertex } from './work.ts';

/** One round: everything that can be started is; what is computed is done at once. */
export class Round {
  private readonly deps: ApplyDependencies;
  private readonly tx: Transaction;
  private readonly work: Work;
  /** Absent while the stack goes away. */
  graph: Graph | undefined;

  constructor(deps: ApplyDependencies, tx: Transaction, work: Work) {
    this.deps = deps;
    this.tx = tx;
    this.work = work;
  }

  private readonly isDone = (key: string) => (this.work.vertices.get(key)?.state ?? 'done') === 'done';
  private readonly values = () => knownValues(this.work.resources, (path) => this.isDone(vertexKey('converge', path)));

  async run(): Promise<void> {
    const { work } = this;
    if (!goesAway(work.root)) {
      this.graph = await this.deps.graphOf(this.tx, work.root, this.values());
      // A value that has just come may have unfolded a deferred stack.
      syncVertices(work, this.graph);
      layOutDeletions(work, this.graph);
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
    return syncVertices(this.work, this.graph) + layOutDeletions(this.work, this.graph) > 0;
  }

  /** Whether a breakpoint of the environment holds the resource: it is told, and waits to be cleared by a signal. */
  private held(vertex: WorkVertex): boolean {
    const node = vertex.action === 'converge' ? this.graph?.vertices.get(vertex.path) : undefined;
    if (node?.kind !== 'resource') return false;
    const existing = this.work.resources.get(vertex.path);
    const verb = this.verb(existing);
    const hook = verb === 'CREATE' ? 'pre-create' : 'pre-update';
    if (!node.hasHook(hook) || existing?.data.cleared === `${hook} ${this.work.root.operation_id}`) return false;
    const row = existing ?? this.rowOf(node, undefined, {});
    if (!existing) this.work.putResource(row);
    this.work.touchVertex(Object.assign(vertex, { state: 'running', operationId: null, reason: hook }));
    this.announce(row, row.action, row.status, `${verb} paused until Hook ${hook} is cleared`);
    return true;
  }

  private async process(vertex: WorkVertex): Promise<void> {
    if (this.held(vertex)) return;
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
    const existing = this.restored(node, resolved.properties) ?? this.work.resources.get(node.path);
    if (resolved.externalId !== undefined) {
      const row = this.rowOf(node, existing, resolved.properties);
      return this.complete(
        vertex,
        { ...row, physical_id: resolved.externalId, data: { ...row.data, external: true } },
        existing ? 'CHECK' : 'CREATE',
        existing,
      );
    }
    // What has been signalled to a resource is its metadata, whatever the template says.
    const metadata = live?.signal && existing ? existing.metadata : resolved.metadata;
    if (!live) return this.fail(vertex, `resource type ${node.implementation} cannot be created by this server`);
    const decision = decide(existing, node.implementation, resolved.properties, this.deps.types, abilityOf(live));
    switch (decision.kind) {
      case 'none':
        if (existing) this.keep(node, existing, metadata);
        return this.finish(vertex);
      case 'create':
        return this.start(
          vertex,
          live,
          'create',
          { ...this.rowOf(node, existing, resolved.properties, metadata) },
          existing,
        );
      case 'update':
        return this.start(
          vertex,
          live,
          'update',
          { ...this.rowOf(node, existing, resolved.properties, metadata) },
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

  /** What is the same in the world may stand elsewhere in the graph: its order of deletion follows from that. */
  private keep(node: Vertex, existing: ResourceRow, metadata: PlainMap): void {
    const row = { ...this.rowOf(node, existing, existing.properties, metadata), updated_time: existing.updated_time };
    const same = sameContent(existing, row) && existing.deletion_policy === row.deletion_policy;
    if (!same) this.work.putResource(row);
  }

  /**
   * Going back: the resource that a failed update had replaced takes its place again, while it still exists and is what
   * the generation asks for. A machine is not imaged anew for that.
   */
  private restored(node: Vertex, properties: PlainMap): ResourceRow | undefined {
    if (this.work.root.action !== 'ROLLBACK') return undefined;
    const old = [...this.work.resources.values()].find(
      (row) =>
        row.path.startsWith(`${node.path}@`) &&
        row.status === 'COMPLETE' &&
        row.action !== 'DELETE' &&
        row.data.implementation === node.implementation &&
        changedProperties(row.properties, properties).length === 0,
    );
    const vertex = old && this.work.vertices.get(vertexKey('delete', old.path));
    if (!old || vertex?.state !== 'waiting') return undefined;
    this.finish(vertex);
    const failed = this.work.resources.get(node.path);
    this.work.removePath(old.path);
    if (failed) this.setAside(failed, node.path);
    const back = { ...old, path: node.path };
    this.work.putResource(back);
    return back;
  }

  /** The replaced resource waits under another path until what hung on it has moved to the new one. */
  private setAside(old: ResourceRow, path: string): void {
    const aside = `${path}@${old.id.slice(0, 8)}`;
    this.work.removePath(path);
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
      data: { ...row.data, begun: true, ...(previous ? { applied: previous } : {}) },
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
}

function sameContent(a: ResourceRow, b: ResourceRow): boolean {
  const content = (row: ResourceRow) =>
    JSON.stringify([row.properties, row.attributes, row.physical_id, row.requires, row.metadata, row.type]);
  return content(a) === content(b);
}
