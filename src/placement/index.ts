// The public face of placement: what providers have, who holds it, and who could hold more.
export type { ProviderAllocation } from './candidate/index.ts';
export type { PlacementConfig } from './config.ts';
export type { CapacityNumbers, Exclusion, Explanation, Rule } from './explain/index.ts';
export {
  type CandidateRequest,
  type Claim,
  type ClaimVerdict,
  createPlacement,
  type InventoryRequest,
  type Placement,
  type ProviderCandidate,
} from './placement.ts';
export type { AllocationRefusal } from './store.ts';
