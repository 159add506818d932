// Which implementation of each interface a node uses.
import type { HardwareDriver } from '../../hardware/index.ts';
import { errors } from '../errors.ts';
import { type InterfaceName, interfaceNames } from './schemas.ts';

type Wanted = Partial<Readonly<Record<`${InterfaceName}_interface`, string | null | undefined>>>;
type Chosen = Partial<Record<`${InterfaceName}_interface`, string | null>>;

/** The `*_interface` columns: what is wanted, else the driver's default. Throws InvalidInterface with the valid choices. */
export function chooseInterfaces(driver: HardwareDriver, wanted: Wanted): Chosen {
  return Object.fromEntries(
    interfaceNames.map((name) => {
      const choices = driver.interfaces[name];
      const asked = wanted[`${name}_interface`];
      if (asked !== undefined && asked !== null && !choices.includes(asked)) {
        throw errors.InvalidInterface(name, asked, driver.name, choices);
      }
      return [`${name}_interface`, asked ?? choices[0] ?? null];
    }),
  );
}

/** The enabled driver. Throws DriverNotEnabled with those that are. */
export function driverOf(hardware: ReadonlyMap<string, HardwareDriver>, name: string): HardwareDriver {
  const driver = hardware.get(name);
  if (!driver) throw errors.DriverNotEnabled(name, [...hardware.keys()]);
  return driver;
}
