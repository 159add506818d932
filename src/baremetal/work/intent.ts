// Notes on a node what an operation is about to do to its machine: before each effect, so in one statement.
import { sql } from 'kysely';
import type { Database } from '../../database/index.ts';
import type { SeenNode } from '../node/change.ts';
import type { JsonObject } from '../store.ts';

/** What an operation was about to do to its machine. */
export interface Intent {
  /** Noted by this very step, which runs again; else in an earlier epoch, that ended before the action did. */
  readonly cutOff: boolean;
  readonly noted: JsonObject;
}

/** Of an action: which step of which operation it belongs to. */
export type Action = {
  readonly action: string;
  readonly operation: string;
  readonly epoch: number;
  readonly step: number;
};

/**
 * Writes the note and answers the node as it is then; `before` is the note that stood there, where it was of the same action
 * of this operation. Undefined when the node is not the operation's any more.
 */
export async function noteIntent(
  database: Database,
  uuid: string,
  action: Action,
  noted: JsonObject,
): Promise<{ readonly node: SeenNode; readonly before: Intent | undefined } | undefined> {
  const { operation, epoch } = action;
  const intent = JSON.stringify({ ...noted, ...action, at: new Date().toISOString() });
  const { rows } = await sql<SeenNode & { former_intent: JsonObject | null }>`
    with former as (
      select id, last_intent from baremetal_nodes
      where uuid = ${uuid} and operation_id = ${operation} and operation_epoch <= ${epoch} for update)
    update baremetal_nodes node set last_intent = ${intent}::jsonb, operation_epoch = ${epoch}, updated_at = now()
    from former where node.id = former.id
    returning node.*, node.xmin::text as version, former.last_intent as former_intent`.execute(database);
  const [row] = rows;
  if (!row) return undefined;
  const { former_intent: former, ...node } = row;
  return { node, before: former === null ? undefined : intentBefore(former, action) };
}

function intentBefore(noted: JsonObject, { action, operation, epoch, step }: Action): Intent | undefined {
  if (noted.operation !== operation || noted.action !== action) return undefined;
  const cutOff = noted.epoch === epoch && noted.step === step;
  return cutOff || noted.epoch !== epoch ? { cutOff, noted } : undefined;
}
