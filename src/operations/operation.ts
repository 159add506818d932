// What an operation is, for those who start one, run one or look at one.
import type { Transaction } from '../database/index.ts';

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

export const operationStates = ['queued', 'running', 'waiting', 'parked', 'done', 'failed', 'cancelled'] as const;
export type OperationState = (typeof operationStates)[number];

export interface Progress {
  readonly done: number;
  readonly total: number | null;
  readonly unit: string;
}

export type Failure = {
  readonly cause: string;
  /** What to do about it. */
  readonly hint: string;
};

export interface Operation {
  readonly id: string;
  readonly kind: string;
  /** What it works on, as `node:UUID`, `stack:UUID`. Operations on one target run one after another. */
  readonly target: string;
  readonly projectId: string | null;
  readonly requestedBy: string;
  readonly requestId: string | null;
  readonly parentId: string | null;
  readonly state: OperationState;
  readonly input: Json;
  readonly result: Json;
  /** Where it stands, for a person: the step it runs or what it waits for. */
  readonly reason: string | null;
  readonly progress: (Progress & { readonly at: Date }) | null;
  readonly deadlineAt: Date | null;
  readonly failure: Failure | null;
  readonly epoch: number;
  readonly createdAt: Date;
  readonly startedAt: Date | null;
  readonly updatedAt: Date;
  readonly finishedAt: Date | null;
}

export interface StartOptions {
  readonly kind: string;
  readonly target: string;
  readonly input: Json;
  /** User name or id; the name of the loop for the program's own work. */
  readonly requestedBy: string;
  readonly projectId?: string;
  readonly requestId?: string;
  readonly parentId?: string;
  /** Overrides the kind's own. */
  readonly deadlineMs?: number;
  /** Chosen by the caller to make starting twice harmless. */
  readonly id?: string;
}

export type Outcome =
  | { readonly state: 'done'; readonly result: Json }
  | { readonly state: 'failed' | 'parked' | 'cancelled'; readonly failure: Failure };

export interface OperationContext {
  readonly operation: Pick<Operation, 'id' | 'kind' | 'target' | 'epoch' | 'requestedBy' | 'requestId' | 'projectId'>;
  /** Of the step or wait that was entered last: the same in a later run that comes by again. */
  readonly stepNumber: number;
  /** A place inside a step where a test can kill the process. */
  pausePoint(name: string): Promise<void>;
  /**
   * Runs `fn` durably: its result is kept and a later run of the handler gets it without running `fn` again. A run cut
   * off by a crash is repeated, so `fn` checks its precondition first. Errors are retried `retries` times (default 0).
   */
  // biome-ignore lint/suspicious/noConfusingVoidType: most steps answer nothing.
  step<Result extends Json | undefined | void>(
    name: string,
    fn: () => Promise<Result>,
    options?: { retries?: number; reason?: string },
  ): Promise<Result>;
  /** The next message sent to this operation under `topic`; undefined after `timeoutMs`. */
  waitFor<Message extends Json>(
    topic: string,
    options: { reason: string; timeoutMs: number },
  ): Promise<Message | undefined>;
  sleep(ms: number, reason: string): Promise<void>;
  progress(done: number, total: number | null, unit: string): void;
  /** Waits for the end of an operation whose parent is this one. */
  outcomeOf(id: string, reason: string): Promise<ChildOutcome>;
  /** Starts another operation under the id given (made in a step, so that a repeat is harmless) and waits for its end. */
  child(options: {
    readonly kind: string;
    readonly target: string;
    readonly input: Json;
    readonly id: string;
    readonly reason: string;
  }): Promise<ChildOutcome>;
}

/** An Outcome as it comes out of the journal. */
export type ChildOutcome =
  | { state: 'done'; result: Json }
  | { state: 'failed' | 'parked' | 'cancelled'; failure: Failure };

export interface OperationKind {
  /** From start to end, waiting included; past it the operation fails. */
  readonly deadlineMs: number;
  readonly handler: (context: OperationContext, input: Json) => Promise<Json | undefined>;
  /** Runs exactly once, in the transaction that ends the operation. */
  readonly settle?: (tx: Transaction, operation: Operation, outcome: Outcome) => Promise<void>;
  /** After that transaction has been committed, at most once: for messages and hints, nothing that must not be lost. */
  readonly ended?: (operation: Operation) => Promise<void>;
}

export interface OperationFilter {
  readonly target?: string;
  readonly kind?: string;
  readonly parentId?: string;
  readonly states?: readonly OperationState[];
  readonly projectId?: string;
  readonly limit?: number;
}

export interface Operations {
  /** Before launch(). */
  define(kind: string, definition: OperationKind): void;
  /** Writes the operation in `tx`; it begins after the commit, when no older operation on its target is open. */
  start(tx: Transaction, options: StartOptions): Promise<string>;
  send(id: string, topic: string, message: Json): Promise<void>;
  /** Progress of an operation that waits while others do its work, written in their transaction. */
  report(tx: Transaction, id: string, progress: Progress): Promise<void>;
  /** Ends it at its next step or wait; the steps done stay done. */
  cancel(id: string, reason: string): Promise<void>;
  /** Runs a parked or failed operation again, under the next epoch. */
  resume(id: string): Promise<void>;
  get(id: string): Promise<Operation | undefined>;
  list(filter?: OperationFilter): Promise<Operation[]>;
  /**
   * Deletes, with their journals, the operations that were done, failed or cancelled before this time; how many. The last one on
   * each target stays, and what is parked.
   */
  forget(before: Date): Promise<number>;
  /** Resolves when the operation is done, failed, parked or cancelled, or after `timeoutMs`. */
  wait(id: string, options: { timeoutMs: number }): Promise<Operation | undefined>;
  launch(): Promise<void>;
  shutdown(): Promise<void>;
}

/** The work failed for good; nothing is left half-made. */
export class OperationFailed extends Error {
  override name = 'OperationFailed';
  constructor(
    cause: string,
    readonly hint: string,
    options?: ErrorOptions,
  ) {
    super(cause, options);
  }
}

/** The work cannot go on now; the operation stands aside and can be resumed when the cause is gone. */
export class OperationParked extends Error {
  override name = 'OperationParked';
  constructor(
    cause: string,
    readonly hint: string,
    options?: ErrorOptions,
  ) {
    super(cause, options);
  }
}
