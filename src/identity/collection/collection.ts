// A kind of resource as data: its table, attributes, filters, rules and hooks.
import type { TSchema } from '@sinclair/typebox';
import type { RawBuilder } from 'kysely';
import type { Transaction } from '../../database/index.ts';
import type { ApiRequest, Caller } from '../../openstack/index.ts';
import type { Parts } from '../parts.ts';
import type { Connection } from '../store.ts';

/** A row whose attributes the collection's schemas have checked on their way in. */
export type Row = Readonly<Record<string, unknown>>;

export interface Change {
  readonly tx: Transaction;
  readonly parts: Parts;
  readonly request: ApiRequest;
  /** Column values to be written. */
  readonly values: Row;
  /** The row before; absent for a create. */
  readonly before?: Row;
}

export type Verb = 'list' | 'get' | 'create' | 'update' | 'delete';

export type FilterKind = 'text' | 'boolean' | ((value: string) => RawBuilder<unknown>);

export interface Collection {
  readonly path: string;
  readonly member: string;
  readonly members: string;
  /** What people call one, in errors. */
  readonly noun: string;
  readonly table: string;
  /** Attributes with a column of their own; `id` only where clients choose it. Others are kept in `extra` where `keepsExtra`. */
  readonly columns: readonly string[];
  readonly keepsExtra: boolean;
  readonly filters: Readonly<Record<string, FilterKind>>;
  /** Column that lists are sorted by, before the id. */
  readonly sortedBy?: string;
  readonly rules: Readonly<Record<Verb, string>>;
  /** The rule where it depends on the row: the attributes for a create, the query's filters for a list. */
  readonly ruleFor?: (verb: Verb, row: Row) => string;
  /** Schemas of the member's attributes. */
  readonly create: TSchema;
  readonly update: TSchema;
  /** The row as policy targets it; default: nothing but the caller. */
  readonly target?: (row: Row) => Readonly<Record<string, unknown>>;
  /** What a create makes, as policy targets it; default: `target` of the attributes. */
  readonly createTarget?: (attributes: Row, caller: Caller) => Readonly<Record<string, unknown>>;
  readonly listTarget?: (request: ApiRequest) => Readonly<Record<string, unknown>>;
  /** What a list is narrowed to, whatever the query: soft deletion, the caller's domain. */
  readonly narrow?: (caller: Caller, search: URLSearchParams) => RawBuilder<unknown>;
  /** The row of an id; default: by `id` in the table. */
  readonly find?: (db: Connection, id: string, request: ApiRequest) => Promise<Row | undefined>;
  readonly present: (row: Row, request: ApiRequest, parts: Parts) => unknown;
  /** Checks and completes the values of a create or an update. */
  readonly prepare?: (change: Change) => Promise<Row> | Row;
  readonly stored?: (row: Row, change: Change) => Promise<void>;
  /** Checks before a delete; throws to refuse it. */
  readonly remove?: (row: Row, change: Omit<Change, 'values'>) => Promise<void>;
  /** Said when a unique constraint refuses the values. */
  readonly duplicate?: (values: Row) => string;
}

/** A text column. */
export function text(row: Row, column: string): string {
  const value = row[column];
  if (typeof value !== 'string') throw new TypeError(`column ${column} holds no text`);
  return value;
}

/** A text column that may be null. */
export function optionalText(row: Row, column: string): string | null {
  const value = row[column];
  return typeof value === 'string' ? value : null;
}

export function record(row: Row, column: string): Readonly<Record<string, unknown>> {
  const value = row[column];
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}
