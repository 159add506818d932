// The BMC of a machine: what the rack uses of it.
export { Bmc } from './bmc.ts';
export { bootPlan } from './boot.ts';
export { BmcServer } from './server.ts';
