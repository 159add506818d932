// A kind of network resource as data: its attributes, its query, and what create, update and delete do.
import type { TSchema } from '@sinclair/typebox';
import type { RawBuilder } from 'kysely';
import type { Transaction } from '../../database/index.ts';
import type { ApiRequest, Caller } from '../../openstack/index.ts';
import type { Connection, Row } from '../store.ts';

export interface Attribute {
  readonly schema: TSchema;
  /** Absent: clients cannot set it when they create one. */
  readonly create?: 'required' | 'optional';
  readonly update?: true;
  /** How lists are filtered and sorted by it; absent: they are not. */
  readonly filter?: 'text' | 'boolean' | 'integer' | 'mac' | 'inet';
}

export interface Resource {
  readonly path: string;
  readonly member: string;
  readonly members: string;
  /** Name of its catalogue error, in errors.ts. */
  readonly notFound: (id: string) => Error;
  readonly attributes: Readonly<Record<string, Attribute>>;
  /** `select ... from ... r`, columns named as attributes. */
  readonly query: RawBuilder<Row>;
  /** Rows of others that a caller without the role admin sees beside those of the own project. */
  readonly visible?: (caller: Caller) => RawBuilder<unknown>;
  /** Filters beyond attributes. */
  readonly filters?: Readonly<Record<string, (values: readonly string[]) => RawBuilder<unknown>>>;
  readonly present?: (row: Row) => Row;
  /** More of the policy's target than the row itself: the parent's project. */
  readonly target?: (db: Connection, row: Row) => Promise<Row>;
  /** The attribute that `target` depends on, where it is just one. */
  readonly parent?: string;
  /** Makes one or many and returns their ids in the same order. */
  readonly create?: (tx: Transaction, wanted: readonly Row[], request: ApiRequest) => Promise<readonly string[]>;
  readonly update?: (tx: Transaction, before: Row, attributes: Row, request: ApiRequest) => Promise<void>;
  readonly remove?: (tx: Transaction, row: Row, request: ApiRequest) => Promise<void>;
  /** Work before a list is read (Neutron makes a project's default security group then). */
  readonly beforeList?: (tx: Connection, request: ApiRequest) => Promise<void>;
}

/** ISO 8601 to the second with Z, as Neutron writes times. */
export function neutronTime(value: unknown): unknown {
  return value instanceof Date ? value.toISOString().replace(/\.\d+Z$/, 'Z') : value;
}

/** A `create` that makes its resources one by one. */
export function each(
  create: (tx: Transaction, attributes: Row, request: ApiRequest) => Promise<string>,
): NonNullable<Resource['create']> {
  return async (tx, wanted, request) => {
    const ids: string[] = [];
    for (const attributes of wanted) ids.push(await create(tx, attributes, request));
    return ids;
  };
}
