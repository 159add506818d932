// The rack's network: what the rest of the rack uses of it.
export { networkMode, openNetwork, type RackNetwork, removeNetwork } from './network.ts';
export { runShell } from './shell.ts';
export { type RackAddresses, rackAddresses } from './subnet.ts';
