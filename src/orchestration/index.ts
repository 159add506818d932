// The public face of orchestration.

export { createOrchestration, type Orchestration, type OrchestrationOptions } from './orchestration.ts';
export type {
  DurableType,
  Existing,
  LiveType,
  Properties,
  ResourcePlace,
  ResourceState,
} from './resources/live/contract.ts';
export { liveTypes, machinesFitting, templateQuestions } from './resources/live/index.ts';
export type { Channels } from './software-config/channel.ts';
export type { ConstraintQuestion, ConstraintQuestions } from './stack/constraints.ts';
