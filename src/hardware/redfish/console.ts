// The serial console of a Redfish machine, where its BMC says that it offers it over IPMI (DSP8010, SerialConsole).
import type { Console } from '../capabilities.ts';
import { type DriverInfo, HardwareError } from '../contract.ts';
import { ipmiConsole } from '../ipmi/index.ts';
import { member, numberOf, textsOf } from './resource.ts';
import type { SystemAccess } from './system.ts';

/** `info`: settings named as those of the `ipmi` driver count more than what Redfish tells of the same BMC. */
export function redfishConsole({ client, read, manager }: SystemAccess, info: DriverInfo): Console {
  /** Newer services tell of it with the system, with its port; older ones with the manager. */
  async function port(): Promise<number> {
    const ofSystem = member(await read(), 'SerialConsole', 'IPMI');
    if (ofSystem.ServiceEnabled === true) return numberOf(ofSystem, 'Port') ?? 623;
    const ofManager = member(await client.get(await manager()), 'SerialConsole');
    const offered = textsOf(ofManager, 'ConnectTypesSupported');
    if (ofManager.ServiceEnabled === true && offered.includes('IPMI')) return 623;
    throw new HardwareError('unsupported', 'This BMC offers no serial console over IPMI.', {
      hint: 'Enable IPMI over LAN on the BMC, if it has it.',
    });
  }

  return {
    async command() {
      const { hostname } = new URL(client.origin);
      return ipmiConsole({
        ipmi_address: hostname.replace(/^\[|\]$/g, ''),
        ipmi_port: await port(),
        ipmi_username: info.redfish_username,
        ipmi_password: info.redfish_password,
        ...Object.fromEntries(Object.entries(info).filter(([key]) => key.startsWith('ipmi_'))),
      });
    },
  };
}
