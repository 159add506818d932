// The public face of DHCP and TFTP for provisioning networks.
export { dnsmasqConfig, hostsFile, type ProvisioningNetwork, type StaticLease } from './config.ts';
export { type Dnsmasq, type DnsmasqOptions, startDnsmasq } from './dnsmasq.ts';
export { DnsmasqError } from './errors.ts';
