// Turns a candidate into the allocations that claim it.
import type { SearchPlan } from './plan.ts';
import type { Candidate } from './tree-search.ts';

/** An amount of one class from one provider. */
export interface ProviderAllocation {
  readonly provider: string;
  readonly resourceClass: string;
  /** In units of the resource class. */
  readonly used: number;
}

/** What a candidate takes of each provider and class; amounts of several groups on one inventory are added up. */
export function allocationsOf(plan: SearchPlan, candidate: Candidate): ProviderAllocation[] {
  const sums = new Map<string, ProviderAllocation>();
  for (const [at, slot] of plan.slots.entries()) {
    const provider = candidate.chosen[at];
    if (!provider) continue;
    for (const [resourceClass, amount] of slot.resources) {
      const key = `${provider.id} ${resourceClass}`;
      sums.set(key, { provider: provider.uuid, resourceClass, used: (sums.get(key)?.used ?? 0) + amount });
    }
  }
  return [...sums.values()];
}
