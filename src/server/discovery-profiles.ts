// The profiles of discovery: those of the configuration's list, and the one that stands for all other machines.
import ipaddr from 'ipaddr.js';
import type { BaremetalConfig } from '../baremetal/index.ts';
import type { Config } from './config.ts';
import { StartError } from './errors.ts';

/** Throws StartError for a subnet that is none. */
export function discoveryProfiles(discovery: Config['discovery']): BaremetalConfig['discovery']['profiles'] {
  const { driver, driver_info, resource_class, profiles } = discovery;
  const wrong = profiles.find(({ bmc_subnet: subnet }) => subnet !== undefined && !ipaddr.isValidCIDR(subnet));
  if (wrong) throw new StartError(`discovery.profiles: bmc_subnet ${wrong.bmc_subnet} of ${wrong.name} is no network`);
  const others = driver === undefined ? [] : [{ name: 'default', driver, driver_info, resource_class }];
  return [...profiles, ...others].map((one) => ({
    name: one.name,
    driver: one.driver,
    driverInfo: one.driver_info,
    resourceClass: one.resource_class,
    ...('bmc_subnet' in one ? { bmcSubnet: one.bmc_subnet } : {}),
    ...('vendor' in one ? { vendor: one.vendor } : {}),
  }));
}
