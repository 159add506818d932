// The steps of a build: planned with digests, run one after another.
export { hash, planSteps, type Step } from './plan.ts';
export { runLogged, runStep } from './run.ts';
export type { BuildPlaces } from './script.ts';
