// One round over a stack: starts what is ready and computes what needs no machine.
import { randomUUID } from 'node:crypto';
import type { Transaction } from '../../database/index.ts';
import { OperationFailed } from '../../operations/index.ts';
import type { Graph, Vertex } from '../graph/index.ts';
import type { Existing, LiveType } from '../resources/live/contract.ts';
import type { PlainMap, ResourceRow } from '../stack/store.ts';
import { TemplateError } from '../template/index.ts';
import { adoptedOf } from './adopted.ts';
import { setAside, takeBack } from './aside.ts';
import { abilityOf, decide } from './decide.ts';
import { type ApplyDependencies, resourceOperationKind } from './dependencies.ts';
import { hold, hookOf, hooksOf, stopsAt } from './hooks.ts';
import { Ledger } from './ledger.ts';
import { layOutDeletions, syncVertices } from './prepare.ts';
import type { ResourceAction } from './record.ts';
import { goesAway } from './start.ts';
import { knownValues } from './values.ts';
import { isVisit, visits } from './visit.ts';
import { plainMap, vertexKey, type Work, type WorkVertex } from './work.ts';

/** One round: everything that can be started is; what is computed is done at once. */
export class Round {
  private readonly deps: ApplyDependencies;
  private readonly tx: Transaction;
  private readonly work: Work;
  private readonly ledger: Ledger;
  /** Absent while the stack goes away. */
  graph: Graph | undefined;
  /** Nested stacks that were found at work in this round. */
  private readonly begun = new Set<string>();

  constructor(deps: ApplyDependencies, tx: Transaction, work: Work) {
    this.deps = deps;
    this.tx = tx;
    this.work = work;
    this.ledger = new Ledger(work);
  }

  private readonly isDone = (key: string) => (this.work.vertices.get(key)?.state ?? 'done') === 'done';
  private readonly values = () =>
    knownValues(this.work.resources, (path) => this.isDone(vertexKey('converge', path)), this.deps.secrets);

  async run(): Promise<void> {
    const { work } = this;
    if (!goesAway(work.root) && !isVisit(work.root.action)) {
      this.graph = await this.deps.graphOf(this.tx, work.root, this.values());
      // A value that has just come may have unfolded a deferred stack.
      syncVertices(work, this.graph);
      layOutDeletions(work, this.graph);
    }
    for (let moved = true; moved; ) {
      moved = false;
      for (const vertex of [...work.vertices.values()]) {
        if (vertex.state !== 'waiting' || !vertex.requires.every(this.isDone)) continue;
        if (vertex.action === 'converge' && !this.entered(vertex.path)) continue;
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

  /** Whether all nested stacks around it have begun; a breakpoint on one holds what is inside. */
  private entered(path: string): boolean {
    for (let slash = path.indexOf('/'); slash > 0; slash = path.indexOf('/', slash + 1)) {
      const outer = path.slice(0, slash);
      if (this.begun.has(outer)) continue;
      const node = this.graph?.vertices.get(outer);
      const vertex = this.work.vertices.get(vertexKey('converge', outer));
      if (node?.kind !== 'stack' || !vertex) continue;
      if (vertex.state === 'running' || this.held(vertex)) return false;
      this.ledger.begin(node);
      this.begun.add(outer);
    }
    return true;
  }

  /** Whether a breakpoint of the environment holds the resource: it is told, and waits to be cleared by a signal. */
  private held(vertex: WorkVertex): boolean {
    const { work } = this;
    const node = this.graph?.vertices.get(vertex.path);
    const existing = work.resources.get(vertex.path);
    if (vertex.action === 'visit' || (vertex.action === 'converge' && (!node || node.kind === 'deferred')))
      return false;
    const verb = vertex.action === 'delete' ? 'DELETE' : this.ledger.verbFor(existing);
    const hook = hookOf('pre', verb);
    const data = { ...existing?.data, ...(vertex.action === 'converge' && node ? { hooks: hooksOf(node) } : {}) };
    if (!stopsAt(data, hook, work.root.operation_id)) return false;
    const row = existing ?? (node && this.ledger.rowOf(node, undefined, {}));
    if (!row) return false;
    if (!existing) work.putResource(row);
    hold(work, vertex, row, verb, hook);
    return true;
  }

  private async process(vertex: WorkVertex): Promise<void> {
    if (this.held(vertex)) return;
    try {
      if (vertex.action === 'delete') await this.remove(vertex);
      else if (vertex.action === 'visit') await this.visit(vertex);
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
      this.ledger.verbFor(before),
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
    if (existing && existing.action !== 'INIT' && resolved.externalId !== externalIdOf(existing))
      return this.ledger.refuse(
        vertex,
        existing,
        `Update to property external_id of ${node.name} (${node.type}) is not supported.`,
      );
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
    if (this.work.root.action === 'ADOPT')
      return this.adopt(vertex, live, this.ledger.rowOf(node, existing, resolved.properties, metadata));
    const decision = decide(existing, node.implementation, resolved.properties, this.deps.types, abilityOf(live));
    if (node.restrictedActions.includes(decision.kind) && existing)
      return this.ledger.refuse(vertex, existing, `${decision.kind} is restricted for resource.`);
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

  /** Takes over what another stack has made, once its type has found it. */
  private async adopt(vertex: WorkVertex, live: LiveType, row: ResourceRow): Promise<void> {
    const given = adoptedOf(row);
    if (given.physicalId === '') return this.ledger.fail(vertex, undefined, 'Resource ID was not provided.');
    this.ledger.announce(row, 'ADOPT', 'IN_PROGRESS', 'state changed');
    if (live.kind === 'durable' && live.check) {
      this.work.putResource({ ...row, action: 'ADOPT', status: 'IN_PROGRESS', status_reason: 'state changed' });
      return this.operate(vertex, row, 'adopt');
    }
    // Without a check nobody knows whose it is: only what has nothing to delete can be had.
    if (live.kind === 'durable' || (live.delete && !live.check))
      return this.ledger.fail(vertex, undefined, `${row.type} cannot be adopted`);
    const before = { ...existingOf(row), ...given };
    const state = (await live.check?.(this.tx, this.ledger.placeOf(row), before)) ?? before;
    const { adopt: _adopted, ...data } = row.data;
    this.ledger.settle(
      { ...row, physical_id: state.physicalId, attributes: plainMap(state.attributes), data },
      'ADOPT',
      'state changed',
    );
    this.ledger.finish(vertex);
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
      ...existingOf(existing),
      properties: plainMap(existing.data.applied ?? existing.properties),
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

  private async operate(vertex: WorkVertex, row: ResourceRow, action: ResourceAction): Promise<void> {
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
      if (!stopsAt(row.data, 'post-delete', this.work.root.operation_id)) return this.forget(vertex, row);
      const deleted = { ...row, action: 'DELETE', status: 'COMPLETE' };
      this.work.putResource(deleted);
      hold(this.work, vertex, deleted, 'DELETE', 'post-delete');
    };
    // It was held after its deletion.
    if (row.action === 'DELETE' && row.status === 'COMPLETE') return this.forget(vertex, row);
    if (!live || row.deletion_policy === 'Retain' || row.data.external === true) return gone();
    this.ledger.announce(row, 'DELETE', 'IN_PROGRESS', 'state changed');
    if (live.kind === 'immediate') {
      await live.delete?.(this.tx, this.ledger.placeOf(row), existingOf(row));
      return gone();
    }
    this.work.putResource({ ...row, action: 'DELETE', status: 'IN_PROGRESS', status_reason: 'state changed' });
    await this.operate(vertex, row, 'delete');
  }

  private forget(vertex: WorkVertex, row: ResourceRow): void {
    this.work.removeResource(row.path);
    this.ledger.finish(vertex);
  }

  /** Checks, suspends or resumes what is there. What failed before stays as it is: only an update or a delete helps it. */
  private async visit(vertex: WorkVertex): Promise<void> {
    const row = this.work.resources.get(vertex.path);
    const verb = this.work.root.action;
    if (!row || !isVisit(verb) || row.action === 'INIT') return this.ledger.finish(vertex);
    if (!isVisit(row.action) && (row.status !== 'COMPLETE' || row.action === 'DELETE')) {
      return this.ledger.refuse(vertex, row, `it is in ${row.action}_${row.status}`);
    }
    const live =
      row.data.external === true ? undefined : this.deps.live.get(String(row.data.implementation ?? row.type));
    const visit = visits[verb];
    if (live?.kind === 'durable' && live[visit]) {
      this.ledger.announce(row, verb, 'IN_PROGRESS', 'state changed');
      this.work.putResource({ ...row, action: verb, status: 'IN_PROGRESS', status_reason: 'state changed' });
      return this.operate(vertex, row, visit);
    }
    if (live?.kind === 'immediate' && live.check && verb === 'CHECK')
      await live.check(this.tx, this.ledger.placeOf(row), existingOf(row));
    const nested = [...this.work.stacks.values()].some((stack) => stack.id === row.physical_id);
    const looked = verb !== 'CHECK' || nested || live?.check !== undefined;
    this.ledger.settle(row, verb, looked ? 'state changed' : `CHECK not supported for ${row.type}`);
    this.ledger.finish(vertex);
  }
}

function externalIdOf(row: ResourceRow): string | undefined {
  return row.data.external === true ? (row.physical_id ?? undefined) : undefined;
}

function existingOf(row: ResourceRow): Existing {
  return { physicalId: row.physical_id ?? '', attributes: row.attributes, properties: row.properties, data: row.data };
}
