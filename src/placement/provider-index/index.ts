// The public face of the in-memory index of providers.
export { followProviders, type ProviderFollower } from './follow.ts';
export { ProviderIndex } from './provider-index.ts';
export { readProviders } from './read.ts';
export type { Tree } from './tree.ts';
