// The one way a node's row changes: with its events, its history and its placement provider, in one transaction.
import { createHash, randomUUID } from 'node:crypto';
import { type RawBuilder, sql } from 'kysely';
import type { Transaction } from '../../database/index.ts';
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
  /** A line for the node's history; one that has a name is there once. */
  readonly note?: { readonly text: string; readonly name?: string };
}

/** A node with its version (PostgreSQL's xmin), which is another after every change. */
export type SeenNode = NodeRow & { readonly version: string };

/** For `select`, beside all columns. */
export const version = sql<string>`baremetal_nodes.xmin::text`.as('version');

/** Writes the change with its events and its history in one statement, then tells placement; returns the row as it is then. */
export async function changeNode(
  parts: Pick<Parts, 'placement' | 'host'>,
  tx: Transaction,
  before: NodeRow,
  change: NodeUpdate,
  because: Because = {},
): Promise<NodeRow> {
  const { rows } = await changing(parts, before, change, because).execute(tx);
  const [after] = rows;
  if (!after) throw new Error(`node ${before.uuid} went while it was locked`);
  await syncProvider(parts.placement, tx, before, after);
  return after;
}

/**
 * The same without a lock and a transaction, for a node as it was read. Undefined, and nothing is written, where somebody has
 * changed the node since, and where placement has to be told.
 */
export async function changeSeen(
  parts: Pick<Parts, 'database' | 'host'>,
  { version: seen, ...before }: SeenNode,
  change: NodeUpdate,
  because: Because = {},
): Promise<SeenNode | undefined> {
  if (!sameProvider(before, providedAfter(before, change))) return undefined;
  const { rows } = await changing(parts, before, change, because, seen).execute(parts.database);
  return rows[0];
}

/** The statement; with `seen` it changes nothing where the node has another version by now. */
function changing(
  { host }: Pick<Parts, 'host'>,
  before: NodeRow,
  change: NodeUpdate,
  because: Because,
  seen?: string,
): RawBuilder<SeenNode> {
  const moves = change.provision_state !== undefined && change.provision_state !== before.provision_state;
  const columns = {
    ...change,
    ...(because.silent ? {} : { updated_at: sql`now()` }),
    ...(moves ? { provision_updated_at: sql`now()` } : {}),
  };
  const settings = Object.entries(columns)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => sql`${sql.ref(name)} = ${value}`);
  const events = eventsOf(before, change, because);
  const lines = linesOf(before, change, because);
  const done = sql`exists (select from changed)`;
  const statements = [
    sql`changed as (
      update baremetal_nodes set ${sql.join(settings)}
      where id = ${before.id} ${seen === undefined ? sql`` : sql`and xmin::text = ${seen}`}
      returning *, ${version})`,
    ...(events.length === 0 ? [] : [sql`told as (${appending(events, done)})`]),
    ...(lines.length === 0 ? [] : [sql`noted as (${noting(host, before.uuid, lines, because, done)})`]),
  ];
  return sql<SeenNode>`with ${sql.join(statements)} select * from changed`;
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

/** A line of the node's history: for people, under what the node was about. */
interface Line {
  readonly uuid: string;
  readonly severity: 'ERROR' | 'INFO';
  readonly event: string;
  readonly about: string;
}

function linesOf(before: NodeRow, change: NodeUpdate, { note }: Because): Line[] {
  const error = next(change.last_error, before.last_error);
  const state = next(change.provision_state, before.provision_state);
  const target = next(change.target_provision_state, before.target_provision_state);
  const lines: Line[] = [];
  if (note) {
    const uuid = note.name === undefined ? randomUUID() : uuidOf(note.name);
    const about = before.target_provision_state ?? before.provision_state;
    lines.push({ uuid, severity: 'INFO', event: note.text, about });
  }
  if (error !== null && error !== before.last_error) {
    lines.push({ uuid: randomUUID(), severity: 'ERROR', event: error, about: target ?? state });
  }
  return lines;
}

function noting(
  host: string,
  node: string,
  lines: readonly Line[],
  { userId, operationId }: Because,
  where = sql`true`,
): RawBuilder<unknown> {
  const rows = lines.map(
    ({ uuid, severity, event, about }) =>
      sql`(${uuid}::uuid, ${node}::uuid, ${severity}, ${about}, ${event}, ${host}, ${userId ?? null}, ${operationId ?? null}::uuid)`,
  );
  return sql`
    insert into baremetal_node_history
      (uuid, node_uuid, severity, event_type, event, conductor, user_id, operation_id)
    select * from (values ${sql.join(rows)}) as line where ${where} on conflict (uuid) do nothing`;
}

/** Adds a line to the node's history. */
export async function record(
  { host }: Pick<Parts, 'host'>,
  tx: Transaction,
  node: NodeRow,
  text: string,
  because: Because,
): Promise<void> {
  await noting(host, node.uuid, linesOf(node, {}, { note: { text } }), because).execute(tx);
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
