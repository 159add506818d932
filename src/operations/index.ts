// The public face of durable operations.
export { createOperations, type OperationsOptions } from './engine.ts';
export {
  type ChildOutcome,
  type Failure,
  type Json,
  type Operation,
  type OperationContext,
  OperationFailed,
  type OperationFilter,
  type OperationKind,
  OperationParked,
  type OperationState,
  type Operations,
  type Outcome,
  operationStates,
  type Progress,
  type StartOptions,
} from './operation.ts';
export { operationsApi } from './routes.ts';
