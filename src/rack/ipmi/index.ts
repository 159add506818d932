// The IPMI face of machines: what the rack uses of it.
export { IpmiServer } from './server.ts';
