// The public face of explanations.
export { explainCandidates } from './explain.ts';
export type { CapacityNumbers, Exclusion, Explanation, Rule } from './rules.ts';
