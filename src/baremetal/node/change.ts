// The one way a node's row changes: with its events, its history and its placement provider, in one transaction.
import { createHash, randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { Database, Transaction } from '../../database/index.ts';
import { appending, type NewEvent } from '../../events/index.ts';
import type { Parts } from '../parts.ts';
import { type ProvidedNode, sameProvider, syncProvider } from '../placement/provider.ts';
import { type NodeRow, type NodeUpdate, tables } from '../store.ts';
import { kindOf, moveOn, type Outcome, type Verb } from './states.ts';

/** Who or what makes the change, for events and history. */
export interface Because {
  readonly userId?: string;
  readonly requestId?: string;
  readonly operationId?: string;
  /** Makes `updated_at` stand still: for heartbeats and the like. */
  readonly silent?: boolean;
  /** Names what is told: a line of history under the same name is there once. */
  readonly once?: string;
}

/** Writes the change and its events in one statement; returns the row as it is then. */
export async function changeNode(
  parts: Pick<Parts, 'placement' | 'host'>,
  tx: Transaction,
  before: NodeRow,
  change: NodeUpdate,
  because: Because = {},
): Promise<NodeRow> {
  const events = eventsOf(before, change, because);
  const after = await telling(tx, events)
    .updateTable('baremetal_nodes')
    .set(columnsOf(before, change, because))
    .where('id', '=', before.id)
    .returningAll()
    .executeTakeFirstOrThrow();
  if (after.last_error !== null && after.last_error !== before.last_error) {
    await record(parts, tx, after, 'ERROR', after.last_error, because);
  }
  await syncProvider(parts.placement, tx, before, after);
  return after;
}

/** A node as it was read without a lock. Its version (PostgreSQL's xmin) is another after every change. */
export type SeenNode = NodeRow & { readonly version: string };

/** For `returning` and `select`, beside all columns. */
export const version = sql<string>`baremetal_nodes.xmin::text`.as('version');

/**
 * The same in one statement, without a transaction around it: for changes that concern the node alone. Undefined, and nothing is
 * written, where somebody has changed the node since it was seen, and where more than the node is concerned.
 */
export async function changeSeen(
  database: Database,
  { version: seen, ...before }: SeenNode,
  change: NodeUpdate,
  because: Because = {},
): Promise<SeenNode | undefined> {
  const failed = typeof change.last_error === 'string' && change.last_error !== before.last_error;
  if (failed || !sameProvider(before, providedAfter(before, change))) return undefined;
  const events = eventsOf(before, change, because);
  const changing = tables(database).with('changed', (db) =>
    db
      .updateTable('baremetal_nodes')
      .set(columnsOf(before, change, because))
      .where('id', '=', before.id)
      .where(sql`xmin::text`, '=', seen)
      .returningAll()
      .returning(version),
  );
  const whole =
    events.length === 0
      ? changing
      : changing.with('told', () => sql`(${appending(events, sql`exists (select from changed)`)})`);
  return whole.selectFrom('changed').selectAll().executeTakeFirst();
}

/** What placement sees of the node after the change. */
function providedAfter(before: NodeRow, change: NodeUpdate): ProvidedNode {
  return {
    ...before,
    name: next(change.name, before.name),
    resource_class: next(change.resource_class, before.resource_class),
    provision_state: next(change.provision_state, before.provision_state),
    maintenance: next(change.maintenance, before.maintenance),
    retired: next(change.retired, before.retired),
    allocation_uuid: next(change.allocation_uuid, before.allocation_uuid),
    traits: next(change.traits, before.traits),
  };
}

function columnsOf(before: NodeRow, change: NodeUpdate, because: Because) {
  const moves = change.provision_state !== undefined && change.provision_state !== before.provision_state;
  const now = sql<Date>`now()`;
  return { ...change, ...(because.silent ? {} : { updated_at: now }), ...(moves ? { provision_updated_at: now } : {}) };
}

/** The tables for one statement that makes a change and tells of it. */
export function telling(tx: Transaction, events: readonly NewEvent[]) {
  return events.length === 0 ? tables(tx) : tables(tx).with('told', () => sql`(${appending(events)})`);
}

/** What the change is for those who follow the node. */
function eventsOf(before: NodeRow, change: NodeUpdate, because: Because): NewEvent[] {
  const name = next(change.name, before.name);
  const to = next(change.provision_state, before.provision_state);
  const power = next(change.power_state, before.power_state);
  const maintenance = next(change.maintenance, before.maintenance);
  const facts: (Pick<NewEvent, 'kind' | 'payload'> | false)[] = [
    before.provision_state !== to && {
      kind: 'baremetal.node.provision_state',
      payload: {
        name,
        from: before.provision_state,
        to,
        target: next(change.target_provision_state, before.target_provision_state),
        ...(kindOf(to) === 'failed' ? { error: next(change.last_error, before.last_error) } : {}),
      },
    },
    before.power_state !== power && {
      kind: 'baremetal.node.power_state',
      payload: { name, from: before.power_state, to: power },
    },
    before.maintenance !== maintenance && {
      kind: 'baremetal.node.maintenance',
      payload: { name, maintenance, reason: next(change.maintenance_reason, before.maintenance_reason) },
    },
  ];
  const stamp = {
    subject: `node:${before.uuid}`,
    projectId: next(change.owner, before.owner),
    requestId: because.requestId ?? null,
    operationId: because.operationId ?? null,
  };
  return facts.filter((fact) => fact !== false).map((fact) => ({ ...stamp, ...fact }));
}

/** A column's value after the change; one that the change does not name stays. */
function next<Value>(changed: Value | undefined, before: Value): Value {
  return changed === undefined ? before : changed;
}

/** Adds a line to the node's history. */
export async function record(
  parts: Pick<Parts, 'host'>,
  tx: Transaction,
  node: NodeRow,
  severity: 'ERROR' | 'INFO',
  event: string,
  because: Because,
): Promise<void> {
  await tables(tx)
    .insertInto('baremetal_node_history')
    .values({
      uuid: because.once === undefined ? randomUUID() : uuidOf(because.once),
      node_uuid: node.uuid,
      severity,
      event_type: node.target_provision_state ?? node.provision_state,
      event,
      conductor: parts.host,
      user_id: because.userId ?? null,
      operation_id: because.operationId ?? null,
    })
    .onConflict((conflict) => conflict.column('uuid').doNothing())
    .execute();
}

/** The same UUID for the same name (RFC 9562, version 8). */
function uuidOf(name: string): string {
  const hex = createHash('sha256').update(name).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/**
 * The columns after `event`: state, target, and the reservation that goes with the kind of state (an operation at work holds
 * the node; a machine that is waited for does not). Undefined when the event is illegal in the node's state.
 */
export function moved(
  node: Pick<NodeRow, 'provision_state'>,
  event: Verb | Outcome,
  host: string,
): NodeUpdate | undefined {
  const move = moveOn(node.provision_state, event);
  if (!move) return undefined;
  return {
    provision_state: move.to,
    ...(move.target === undefined ? {} : { target_provision_state: move.target }),
    reservation: kindOf(move.to) === 'working' ? host : null,
  };
}
