// The public face of network.
export type { ProvisioningNetwork } from './provisioning/ensure.ts';
export type { Lease } from './provisioning/leases.ts';
export {
  createNetwork,
  type FixedIp,
  type Network,
  type NetworkSummary,
  type Port,
  type PortRequest,
  type SubnetSummary,
} from './service.ts';
