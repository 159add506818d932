// What all of placement's handlers share: bodies, answers, faults, microversions.
export { acceptsJson, answer, cacheHeaders } from './answer.ts';
export { checkQuery, readBody } from './body.ts';
export { placementFault } from './fault.ts';
export { newest, oldest, since } from './version.ts';
export { describeViolation } from './violation.ts';
