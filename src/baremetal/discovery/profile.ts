// Which profile of credentials a machine that was met belongs to, and the node that it makes.
import { inNet } from '../inspection-rule/conditions.ts';
import type { NewNodeBody } from '../node/schemas.ts';
import type { DiscoveryProfile } from '../parts.ts';
import type { JsonObject } from '../store.ts';

/** What of a machine decides: its BMC's address, null where it does not tell, and its inventory. */
export interface Met {
  readonly bmc: string | null;
  readonly inventory: JsonObject;
}

/** The first profile that fits. */
export function profileOf(
  profiles: readonly DiscoveryProfile[],
  { bmc, inventory }: Met,
): DiscoveryProfile | undefined {
  const { system_vendor: system } = inventory;
  const maker =
    typeof system === 'object' && system !== null && 'manufacturer' in system ? String(system.manufacturer) : '';
  return profiles.find(
    ({ bmcSubnet, vendor = '' }) =>
      (bmcSubnet === undefined || (bmc !== null && inNet(bmc, bmcSubnet))) &&
      maker.toLowerCase().includes(vendor.toLowerCase()),
  );
}

/** The node that the profile makes of a machine with this BMC, or what is lacking for it. */
export function nodeByProfile(
  { driver, driverInfo, resourceClass }: DiscoveryProfile,
  bmc: string | null,
): NewNodeBody | { readonly lacks: string } {
  const entries = Object.entries(driverInfo);
  if (bmc === null && entries.some(([, value]) => value.includes('{bmc_address}')))
    return { lacks: 'the machine does not tell the address of its BMC' };
  return {
    driver,
    driver_info: Object.fromEntries(entries.map(([key, value]) => [key, value.replaceAll('{bmc_address}', bmc ?? '')])),
    ...(resourceClass === undefined ? {} : { resource_class: resourceClass }),
  };
}
