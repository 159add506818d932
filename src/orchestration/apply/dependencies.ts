// What applying needs from outside.
import type { Transaction } from '../../database/index.ts';
import type { Operations } from '../../operations/index.ts';
import type { Graph, KnownValues } from '../graph/index.ts';
import type { LiveType } from '../resources/live/contract.ts';
import type { Secrets } from '../stack/secrets.ts';
import type { StackRow } from '../stack/store.ts';
import type { ResourceTypeLibrary } from '../template/index.ts';

export interface ApplyDependencies {
  readonly operations: Operations;
  readonly types: ResourceTypeLibrary;
  /** Behaviour by implementation name; a type without one is refused at validation. */
  readonly live: ReadonlyMap<string, LiveType>;
  readonly secrets: Secrets;
  /** The graph of the generation the stack moves to, expanded as far as the values known now allow. */
  graphOf(tx: Transaction, root: StackRow, values: KnownValues): Promise<Graph>;
}

export const stackOperationKind = 'stack.apply';
export const resourceOperationKind = 'stack.resource';

/** Heat's default for a stack without timeout_mins. */
export const defaultTimeoutMins = 240;
