// Boot device of an IPMI machine: the boot flags of its chassis (IPMI 2.0, table 28-14).
import { type BootDevice, HardwareError, type Management } from '../contract.ts';
import { refusing } from '../lacking.ts';
import type { IpmiAddress } from './address.ts';
import type { Ipmitool } from './ipmitool.ts';

/** Boot device -> ipmitool's name, and how it names it when it reads the flags back. */
const devices = [
  ['pxe', 'pxe', /Force PXE/],
  ['disk', 'disk', /Force Boot from default Hard-Drive(?!,)/],
  ['safe', 'safe', /Force Boot from default Hard-Drive, request Safe/],
  ['cdrom', 'cdrom', /Force Boot from CD\/DVD/],
  ['bios', 'bios', /Force Boot into BIOS Setup/],
] as const satisfies readonly (readonly [BootDevice, string, RegExp])[];

/** Get/Set System Boot Options, parameter 3: nothing clears the boot flags by itself. */
const keepBootFlags = ['raw', '0x00', '0x08', '0x03', '0x08'];

export function ipmiManagement(ipmitool: Ipmitool, address: IpmiAddress): Management {
  const no = refusing('ipmi');
  async function read() {
    const flags = await ipmitool('chassis', 'bootparam', 'get', '5');
    // The line "Boot Flag Invalid" is left aside: some BMCs print it for flags that they follow.
    const device = devices.find(([, , words]) => words.test(flags))?.[0] ?? null;
    return {
      flags,
      setting: { device, persistent: device === null ? null : /all future boots/.test(flags) },
    };
  }
  return {
    supportedBootDevices: async () => devices.map(([device]) => device),
    bootDevice: async () => (await read()).setting,
    async setBootDevice(device, persistent, mode) {
      const name = devices.find(([known]) => known === device)?.[1];
      if (name === undefined) throw new HardwareError('unsupported', `IPMI knows no boot device ${device}.`);
      if (address.disableBootTimeout) await ipmitool(...keepBootFlags).catch(tolerateUnsupported);
      const options = [...(persistent ? ['persistent'] : []), ...(mode === 'uefi' ? ['efiboot'] : [])];
      await ipmitool('chassis', 'bootdev', name, ...(options.length > 0 ? [`options=${options.join(',')}`] : []));
    },
    supportedBootModes: async () => [],
    async bootMode() {
      const { flags, setting } = await read();
      // Flags that name no device were never set, and say legacy whatever the machine does.
      if (setting.device === null) return null;
      return /BIOS EFI boot/.test(flags) ? 'uefi' : null;
    },
    setBootMode: no('control of the boot mode'),
    secureBoot: async () => null,
    setSecureBoot: no('control of secure boot'),
    async injectNmi() {
      await ipmitool('power', 'diag');
    },
  };
}

/** BMCs that do not know the parameter do not time out either. */
function tolerateUnsupported(error: unknown): void {
  if (!(error instanceof HardwareError) || error.kind !== 'unsupported') throw error;
}
