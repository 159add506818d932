// Finds nodes by UUID or name, and locks them for a change.
import type { Database, Transaction } from '../../database/index.ts';
import { isName, isUuid } from '../document/names.ts';
import { errors } from '../errors.ts';
import { type NodeRow, tables } from '../store.ts';
import { type SeenNode, version } from './change.ts';

function nodesCalled(database: Database | Transaction, ident: string) {
  const query = tables(database).selectFrom('baremetal_nodes').selectAll();
  return isUuid(ident) ? query.where('uuid', '=', ident) : query.where('name', '=', ident);
}

/** The node with this UUID or name, or undefined. */
export function seekNode(database: Database | Transaction, ident: string): Promise<NodeRow | undefined> {
  return nodesCalled(database, ident).executeTakeFirst();
}

/** The same, locked until the transaction ends. */
export function seekLocked(tx: Transaction, ident: string): Promise<NodeRow | undefined> {
  return nodesCalled(tx, ident).forUpdate().executeTakeFirst();
}

function refuseMalformed(ident: string): void {
  if (!isUuid(ident) && !isName(ident)) throw errors.InvalidIdent(ident);
}

/** The node with this UUID or name. Throws NodeNotFound, and InvalidIdent for what is neither. */
export async function findNode(database: Database | Transaction, ident: string): Promise<NodeRow> {
  refuseMalformed(ident);
  const row = await seekNode(database, ident);
  if (!row) throw errors.NodeNotFound(ident);
  return row;
}

/** The same with its version, for a change without a lock. */
export async function findSeen(database: Database, uuid: string): Promise<SeenNode> {
  const row = await nodesCalled(database, uuid).select(version).executeTakeFirst();
  if (!row) throw errors.NodeNotFound(uuid);
  return row;
}

/** The node, locked until the transaction ends: every change of a node starts here. Throws NodeNotFound. */
export async function lockNode(tx: Transaction, ident: string): Promise<NodeRow> {
  refuseMalformed(ident);
  const row = await seekLocked(tx, ident);
  if (!row) throw errors.NodeNotFound(ident);
  return row;
}
