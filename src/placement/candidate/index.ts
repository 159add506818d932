// The public face of the search for allocation candidates.
export { allocationsOf, type ProviderAllocation } from './allocations.ts';
export { meets, meetsAll } from './eligible.ts';
export { Findings } from './findings.ts';
export { planSearch, type SearchPlan, type Slot } from './plan.ts';
export type { CandidateQuery, RequestGroup } from './query.ts';
export { rootsOfGroups, type SearchResult, searchCandidates } from './search.ts';
export { type Candidate, TreeSearch } from './tree-search.ts';
export { turns } from './turns.ts';
