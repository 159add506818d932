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
export type { Channels } from './software-config/channel.ts';
export type { CustomConstraints } from './template/index.ts';
