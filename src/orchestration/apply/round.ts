// One round over a stack: starts what is ready and computes what needs no machine.
import { randomUUID } from 'node:crypto';
import type { Transaction } from '../../database/index.ts';
import { OperationFailed } from '../../operations/index.ts';
import type { Graph, Vertex } from '../graph/index.ts';
import type { LiveType } from '../resources/live/contract.ts';
import type { PlainMap, ResourceRow } from '../stack/store.ts';
import { TemplateError } from '../template/index.ts';
import { setAside, takeBack } from './aside.ts';
import { abilityOf, decide } from './decide.ts';
import { type ApplyDependencies, resourceOperationKind } from './dependencies.ts';
import { Ledger } from './ledger.ts';
import { layOutDeletions, syncVertices } from './prepare.ts';
import { goesAway } from './start.ts';
import { knownValues } from './values.ts';
import { plainMap, vertexKey, type Work, type WorkVertex } from './work.ts';

/** One round: everything that can be started is; what is computed is done at once. */
export class Round {
  private readonly deps: ApplyDependencies;
  private readonly tx: Transaction;
  private readonly work: Work;
  private readonly ledger: Ledger;
  /** Absent while the stack goes away. */
  graph: Graph | undefined;

  constructor(deps: ApplyDependencies, tx: Transaction, work: Work) {
    this.deps = deps;
    this.tx = tx;
    this.work = work;
    this.ledger = new Ledger(work);
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
    const verb = this.ledger.verbFor(existing);
    const hook = verb === 'CREATE' ? 'pre-create' : 'pre-update';
    if (!node.hasHook(hook) || existing?.data.cleared === `${hook} ${this.work.root.operation_id}`) return false;
    const row = existing ?? this.ledger.rowOf(node, undefined, {});
    if (!existing) this.work.putResource(row);
    this.work.touchVertex(Object.assign(vertex, { state: 'running', operationId: null, reason: hook }));
    this.ledger.announce(row, row.action, row.status, `${verb} paused until Hook ${hook} is cleared`);
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
      this.ledger.fail(vertex, this.graph?.vertices.get(vertex.path), error.message);
    }
  }

  private async converge(vertex: WorkVertex): Promise<void> {
    const node = this.graph?.vertices.get(vertex.path);
    if (!node) return this.ledger.finish(vertex);
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
    const row = this.ledger.rowOf(node, before, properties);
    this.ledger.complete(
      vertex,
      { ...row, physical_id: row.physical_id ?? `${this.ledger.stackOf(node).name}-${node.name}`, attributes },
      before === undefined ? 'CREATE' : 'UPDATE',
      before,
    );
  }

  private finishStack(vertex: WorkVertex, node: Vertex): void {
    const before = this.work.resources.get(node.path);
    const nested = this.work.stacks.get(node.path);
    const row = this.ledger.rowOf(node, before, {});
    this.ledger.complete(vertex, { ...row, physical_id: nested?.id ?? null }, this.ledger.verbFor(before), before);
  }

  private async convergeResource(vertex: WorkVertex, node: Vertex): Promise<void> {
    const live = this.deps.live.get(node.implementation);
    const resolved = node.resolve(this.values());
    const existing = takeBack(this.work, this.graph, node, resolved.properties) ?? this.work.resources.get(node.path);
    if (resolved.externalId !== undefined) {
      const row = this.ledger.rowOf(node, existing, resolved.properties);
      return this.ledger.complete(
        vertex,
        { ...row, physical_id: resolved.externalId, data: { ...row.data, external: true } },
        existing ? 'CHECK' : 'CREATE',
        existing,
      );
    }
    // What has been signalled to a resource is its metadata, whatever the template says.
    const metadata = live?.signal && existing ? existing.metadata : resolved.metadata;
    if (!live)
      return this.ledger.fail(vertex, node, `resource type ${node.implementation} cannot be created by this server`);
    const decision = decide(existing, node.implementation, resolved.properties, this.deps.types, abilityOf(live));
    switch (decision.kind) {
      case 'none':
        if (existing) this.ledger.keep(node, existing, metadata);
        return this.ledger.finish(vertex);
      case 'create':
        return this.start(
          vertex,
          live,
          'create',
          { ...this.ledger.rowOf(node, existing, resolved.properties, metadata) },
          existing,
        );
      case 'update':
        return this.start(
          vertex,
          live,
          'update',
          { ...this.ledger.rowOf(node, existing, resolved.properties, metadata) },
          existing,
        );
      case 'replace': {
        if (existing) setAside(this.work, this.graph, existing, node.path);
        return this.start(
          vertex,
          live,
          'create',
          { ...this.ledger.rowOf(node, undefined, resolved.properties, resolved.metadata) },
          undefined,
        );
      }
    }
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
    this.ledger.announce(row, verb, 'IN_PROGRESS', 'state changed');
    if (live.kind === 'immediate') {
      const place = this.ledger.placeOf(row);
      const state =
        action === 'create' || !live.update || !before
          ? await live.create(this.tx, place, row.properties)
          : await live.update(this.tx, place, row.properties, before);
      const data = { ...row.data, ...plainMap(state.data) };
      return this.ledger.complete(
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
    if (!row) return this.ledger.finish(vertex);
    const live = this.deps.live.get(String(row.data.implementation ?? row.type));
    const gone = () => {
      this.ledger.announce(row, 'DELETE', 'COMPLETE', 'state changed');
      this.work.removeResource(row.path);
      this.ledger.finish(vertex);
    };
    if (!live || row.deletion_policy === 'Retain' || row.data.external === true) return gone();
    this.ledger.announce(row, 'DELETE', 'IN_PROGRESS', 'state changed');
    if (live.kind === 'immediate') {
      await live.delete?.(this.tx, this.ledger.placeOf(row), {
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
}
