// Boot settings of a Redfish system: override, mode, secure boot, NMI.
import { type BootDevice, type BootMode, HardwareError, type Management } from '../contract.ts';
import { type Quirks, quirksOf } from './quirks.ts';
import { member, type Resource, textOf, textsOf } from './resource.ts';
import { action, type SystemAccess } from './system.ts';

/** BootSourceOverrideTarget (DSP0268, ComputerSystem) for each boot device. */
const targets: Readonly<Record<BootDevice, string>> = {
  pxe: 'Pxe',
  disk: 'Hdd',
  cdrom: 'Cd',
  bios: 'BiosSetup',
  safe: 'Diags',
  wanboot: 'UefiHttp',
};
const devices: readonly BootDevice[] = ['pxe', 'disk', 'cdrom', 'bios', 'safe', 'wanboot'];
const modes: Readonly<Record<BootMode, string>> = { bios: 'Legacy', uefi: 'UEFI' };

export function redfishManagement(system: SystemAccess): Management {
  async function boot(): Promise<Resource> {
    return member(await system.read(), 'Boot');
  }
  function targetOf(device: BootDevice, now: Resource, { cdTarget }: Quirks): string {
    const allowed = textsOf(now, 'BootSourceOverrideTarget@Redfish.AllowableValues');
    return device === 'cdrom' && allowed.includes(cdTarget) ? cdTarget : targets[device];
  }
  async function patchBoot(change: Resource): Promise<void> {
    await system.client.patch(await system.path(), { Boot: change });
  }
  async function secureBootPath(): Promise<string> {
    const path = textOf(member(await system.read(), 'SecureBoot'), '@odata.id');
    if (path === null) throw new HardwareError('unsupported', 'This BMC does not control secure boot.');
    return path;
  }
  return {
    async supportedBootDevices() {
      const of = await system.read();
      const now = member(of, 'Boot');
      const known = textsOf(now, 'BootSourceOverrideTarget@Redfish.AllowableValues');
      return devices.filter((device) => known.length === 0 || known.includes(targetOf(device, now, quirksOf(of))));
    },
    async bootDevice() {
      const now = await boot();
      const enabled = textOf(now, 'BootSourceOverrideEnabled');
      if (enabled === null || enabled === 'Disabled') return { device: null, persistent: null };
      const target = textOf(now, 'BootSourceOverrideTarget');
      return {
        device: target === 'UsbCd' ? 'cdrom' : (devices.find((device) => targets[device] === target) ?? null),
        persistent: enabled === 'Continuous',
      };
    },
    async setBootDevice(device, persistent) {
      const of = await system.read();
      const now = member(of, 'Boot');
      const target = targetOf(device, now, quirksOf(of));
      const offered = textsOf(now, 'BootSourceOverrideEnabled@Redfish.AllowableValues');
      const lasting = persistent && (offered.length === 0 || offered.includes('Continuous'));
      const enabled = lasting ? 'Continuous' : 'Once';
      if (textOf(now, 'BootSourceOverrideTarget') === target && textOf(now, 'BootSourceOverrideEnabled') === enabled)
        return;
      try {
        await patchBoot({ BootSourceOverrideTarget: target, BootSourceOverrideEnabled: enabled });
      } catch (error) {
        // Newer services know overrides for one boot alone, and not all of them say so before.
        if (!lasting || !(error instanceof HardwareError) || error.kind !== 'refused') throw error;
        await patchBoot({ BootSourceOverrideTarget: target, BootSourceOverrideEnabled: 'Once' });
      }
    },
    async supportedBootModes() {
      return textOf(await boot(), 'BootSourceOverrideMode') === null ? [] : ['bios', 'uefi'];
    },
    async bootMode() {
      const mode = textOf(await boot(), 'BootSourceOverrideMode');
      return mode === 'UEFI' ? 'uefi' : mode === 'Legacy' ? 'bios' : null;
    },
    async setBootMode(mode) {
      await patchBoot({ BootSourceOverrideMode: modes[mode] });
    },
    async secureBoot() {
      const path = textOf(member(await system.read(), 'SecureBoot'), '@odata.id');
      if (path === null) return null;
      const current = textOf(await system.client.get(path), 'SecureBootCurrentBoot');
      return current === null ? null : current === 'Enabled';
    },
    async setSecureBoot(on) {
      await system.client.patch(await secureBootPath(), { SecureBootEnable: on });
    },
    async injectNmi() {
      const now = await system.read();
      const { target, values } = action(now, 'ComputerSystem.Reset', 'ResetType', await system.path());
      if (values.length > 0 && !values.includes('Nmi'))
        throw new HardwareError('unsupported', 'This BMC does not inject an NMI.');
      await system.client.post(target, { ResetType: 'Nmi' });
    },
  };
}
