// The configuration of one dnsmasq: DHCP, TFTP and router advertisements for one provisioning network.
import ipaddr from 'ipaddr.js';

export interface ProvisioningNetwork {
  /** Host interface on the network; dnsmasq listens nowhere else. */
  readonly interface: string;
  /** The server's own address there. */
  readonly address: string;
  /** `192.168.24.0/24`. */
  readonly cidr: string;
  /** For machines without a lease of their own; both ends inclusive. */
  readonly pool: { readonly first: string; readonly last: string };
  /** Router that machines are told; null: none. */
  readonly router: string | null;
  readonly leaseSeconds?: number;
}

export interface DnsmasqPaths {
  readonly tftpFolder: string;
  readonly hostsFile: string;
  readonly leaseFile: string;
}

export interface StaticLease {
  readonly mac: string;
  readonly address: string;
  readonly hostname?: string;
}

/**
 * `scriptUrl` is what iPXE loads. Machines whose firmware is not iPXE get iPXE by TFTP first. Router advertisements are on
 * because iPXE waits 13 s for one before it goes on without.
 */
export function dnsmasqConfig(network: ProvisioningNetwork, paths: DnsmasqPaths, scriptUrl: string): string {
  const [, bits] = ipaddr.IPv4.parseCIDR(network.cidr);
  const mask = ipaddr.IPv4.subnetMaskFromPrefixLength(bits).toString();
  return [
    'port=0',
    `interface=${network.interface}`,
    'except-interface=lo',
    'bind-interfaces',
    'no-resolv',
    'no-hosts',
    'dhcp-authoritative',
    // A ping before each offer costs seconds; addresses here are ours alone.
    'no-ping',
    `dhcp-range=${network.pool.first},${network.pool.last},${mask},${network.leaseSeconds ?? 3600}s`,
    network.router === null ? 'dhcp-option=3' : `dhcp-option=3,${network.router}`,
    `dhcp-hostsfile=${paths.hostsFile}`,
    `dhcp-leasefile=${paths.leaseFile}`,
    'enable-ra',
    `ra-param=${network.interface},10`,
    `dhcp-range=::,constructor:${network.interface},ra-stateless,64`,
    'enable-tftp',
    `tftp-root=${paths.tftpFolder}`,
    'tftp-no-fail',
    'dhcp-match=set:ipxe,175',
    // iPXE's no-pxedhcp: this server is the only one, so iPXE does not wait 3 s for a ProxyDHCP server.
    'dhcp-option=tag:ipxe,encap:175,176,1b',
    'dhcp-match=set:efi,option:client-arch,7',
    'dhcp-match=set:efi,option:client-arch,9',
    'dhcp-match=set:efi,option:client-arch,11',
    `dhcp-boot=tag:ipxe,${scriptUrl}`,
    'dhcp-boot=tag:!ipxe,tag:efi,snponly.efi',
    'dhcp-boot=tag:!ipxe,tag:!efi,undionly.kpxe',
    'dhcp-no-override',
    'log-dhcp',
    '',
  ].join('\n');
}

/** Lines of dhcp-hostsfile. A machine keeps its address through firmware, ramdisk and system, whatever client id each sends. */
export function hostsFile(leases: readonly StaticLease[]): string {
  const lines = leases.map(({ mac, address, hostname }) =>
    [mac.toLowerCase(), 'id:*', address, ...(hostname ? [hostname] : [])].join(','),
  );
  return `${lines.sort().join('\n')}\n`;
}
