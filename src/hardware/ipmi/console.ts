// The serial console of a machine over IPMI (IPMI 2.0, 15: Serial Over LAN), shown by ipmitool.
import type { ConsoleCommand } from '../capabilities.ts';
import type { DriverInfo } from '../contract.ts';
import { ipmiAddress, loginArguments, loginEnvironment, runnable } from './address.ts';

/** Throws HardwareError `misconfigured` as ipmiAddress does. */
export function ipmiConsole(info: DriverInfo): ConsoleCommand {
  const address = ipmiAddress(info);
  const sol = (word: string) => runnable(address, ['ipmitool', ...loginArguments(address), 'sol', word]);
  return { show: sol('activate'), release: sol('deactivate'), environment: loginEnvironment(address) };
}
