// What a resource type must be able to do for apply: made, changed, removed.
import type { Transaction } from '../../../database/index.ts';
import type { Caller } from '../../../openstack/index.ts';
import type { OperationContext } from '../../../operations/index.ts';
import type { StackInputs } from '../../stack/inputs.ts';

export type Properties = Readonly<Record<string, unknown>>;

/** Where a resource stands: its stack, its project, its own identity. */
export interface ResourcePlace {
  /** Our id of the resource: stable over updates, new after a replacement. */
  readonly id: string;
  readonly name: string;
  readonly path: string;
  readonly rootId: string;
  readonly stackId: string;
  readonly stackName: string;
  readonly projectId: string;
  readonly userId: string;
  readonly userName: string;
  /** Roles of the stack's owner, with which it acts on other services. */
  readonly roles: readonly string[];
}

/** What is kept of a resource between its create, update and delete. */
export interface ResourceState {
  readonly physicalId: string;
  readonly attributes: Properties;
  /** The type's own notes. */
  readonly data?: Properties;
}

export interface Existing extends ResourceState {
  readonly properties: Properties;
}

/** What every type may say beside its actions. */
interface Manners {
  /** Why a change that the schema allows in place takes a replacement all the same; undefined when it does not. */
  replaceFor?(changed: readonly string[], properties: Properties, before: Properties): string | undefined;
  /**
   * Refuses, before anything is made, what only the world around can tell; `inputs` are those of the stack. Properties that
   * come from other resources are not given. @throws ApiError
   */
  validate?(caller: Caller, properties: Properties, inputs: StackInputs): Promise<void>;
  /**
   * Takes a signal: answers what the signaller is told, and the resource's metadata after it.
   * @throws ApiError for a signal of the wrong form
   */
  signal?(metadata: Properties, details: Properties): { readonly answer: string; readonly metadata: Properties };
}

/** A type without effects outside of the database: it runs inside the transaction that advances the stack. */
export interface ImmediateType extends Manners {
  readonly kind: 'immediate';
  create(tx: Transaction, place: ResourcePlace, properties: Properties): Promise<ResourceState>;
  /** Absent: a change replaces. */
  update?(tx: Transaction, place: ResourcePlace, properties: Properties, before: Existing): Promise<ResourceState>;
  /** As for durable types. */
  check?(tx: Transaction, place: ResourcePlace, before: Existing): Promise<ResourceState>;
  delete?(tx: Transaction, place: ResourcePlace, before: Existing): Promise<void>;
}

/** A type that takes time or touches the world: each call is a durable operation of its own. */
export interface DurableType extends Manners {
  readonly kind: 'durable';
  /** From start to end of one create, update or delete. */
  readonly deadlineMs: number;
  create(operation: OperationContext, place: ResourcePlace, properties: Properties): Promise<ResourceState>;
  update?(
    operation: OperationContext,
    place: ResourcePlace,
    properties: Properties,
    before: Existing,
  ): Promise<ResourceState>;
  /**
   * Looks at the real thing and answers it as it is; changes nothing. A stack that adopts asks it too, so a thing of
   * another project is not found. Throws OperationFailed when it is gone or not as it should be.
   */
  check?(operation: OperationContext, place: ResourcePlace, before: Existing): Promise<ResourceState>;
  suspend?(operation: OperationContext, place: ResourcePlace, before: Existing): Promise<ResourceState>;
  resume?(operation: OperationContext, place: ResourcePlace, before: Existing): Promise<ResourceState>;
  /** `before` may come from a create that failed half-way: then `physicalId` is empty. */
  delete(operation: OperationContext, place: ResourcePlace, before: Existing): Promise<void>;
}

export type LiveType = ImmediateType | DurableType;
