// The profiles of discovery: those of the configuration's list, and the one that stands for all other machines.
import type { BaremetalConfig } from '../baremetal/index.ts';
import type { Config } from './config.ts';

export function discoveryProfiles(discovery: Config['discovery']): BaremetalConfig['discovery']['profiles'] {
  const { driver, driver_info, resource_class, profiles } = discovery;
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
