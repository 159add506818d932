// Reads the event log in an order in which nothing appears late.
import { sql } from 'kysely';
import type { Database } from '../database/index.ts';

export interface Event {
  /** `TRANSACTION-ID`: opaque, increasing, what a reader resumes after. */
  readonly id: string;
  readonly at: Date;
  readonly kind: string;
  readonly subject: string;
  readonly projectId: string | null;
  readonly requestId: string | null;
  readonly operationId: string | null;
  readonly payload: unknown;
}

/** The place before the first event. */
export const beginning = '0-0';

export interface EventQuery {
  readonly after: string;
  readonly limit: number;
  /** Exactly this subject, or every subject when absent. */
  readonly subject?: string;
  readonly operationId?: string;
  readonly projectId?: string;
}

/** Splits a cursor; undefined when it is not one. */
export function parseCursor(text: string): { transaction: string; id: string } | undefined {
  const match = /^(\d{1,20})-(\d{1,19})$/.exec(text);
  return match?.[1] !== undefined && match[2] !== undefined ? { transaction: match[1], id: match[2] } : undefined;
}

/**
 * Committed events after the cursor, oldest first. Events of transactions at or above pg_snapshot_xmin are left for later:
 * an older transaction that is still running might yet put its events before them.
 */
export async function readEvents(database: Database, query: EventQuery): Promise<Event[]> {
  const cursor = parseCursor(query.after);
  if (!cursor) throw new RangeError(`not an event id: ${query.after}`);
  const rows = await sql<{
    cursor: string;
    at: Date;
    kind: string;
    subject: string;
    project_id: string | null;
    request_id: string | null;
    operation_id: string | null;
    payload: unknown;
  }>`
    select transaction_id::text || '-' || id::text as cursor, at, kind, subject, project_id, request_id, operation_id, payload from events
    where (transaction_id, id) > (${cursor.transaction}::text::xid8, ${cursor.id}::bigint)
      and transaction_id < pg_snapshot_xmin(pg_current_snapshot())
      ${query.subject === undefined ? sql`` : sql`and subject = ${query.subject}`}
      ${query.operationId === undefined ? sql`` : sql`and operation_id = ${query.operationId}::uuid`}
      ${query.projectId === undefined ? sql`` : sql`and project_id = ${query.projectId}`}
    order by transaction_id, id limit ${query.limit}`.execute(database);
  return rows.rows.map((row) => ({
    id: row.cursor,
    at: row.at,
    kind: row.kind,
    subject: row.subject,
    projectId: row.project_id,
    requestId: row.request_id,
    operationId: row.operation_id,
    payload: row.payload,
  }));
}

/** Cursor of the newest event that readers may see; `beginning` in an empty log. */
export async function newestCursor(database: Database): Promise<string> {
  const row = await sql<{ cursor: string }>`
    select transaction_id::text || '-' || id::text as cursor from events
    where transaction_id < pg_snapshot_xmin(pg_current_snapshot()) order by transaction_id desc, id desc limit 1`.execute(
    database,
  );
  return row.rows[0]?.cursor ?? beginning;
}
