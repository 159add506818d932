// Elements of the diskimage-builder layout: found, ordered and read.
export { buildEnvironment, decidingVariables } from './environment.ts';
export { type Element, findElement } from './find.ts';
export { type PackageWish, packagePhases, packageWishes } from './package-installs.ts';
export { type PhaseFile, phaseFiles } from './phase-files.ts';
export { resolveElements } from './resolve.ts';
