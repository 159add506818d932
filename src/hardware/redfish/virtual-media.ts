// The virtual CD drive of a Redfish machine.
import type { VirtualMedia } from '../contract.ts';
import { type Resource, textOf } from './resource.ts';
import { action, type SystemAccess } from './system.ts';

export function redfishVirtualMedia(system: SystemAccess): VirtualMedia {
  async function eject(path: string, drive: Resource): Promise<void> {
    await system.client.post(action(drive, 'VirtualMedia.EjectMedia', '', path).target, {});
  }
  return {
    async insert(url) {
      const path = await system.cdDrive();
      const drive = await system.client.get(path);
      const there = image(drive);
      if (there === url) return;
      if (there !== null) await eject(path, drive);
      await system.client.post(action(drive, 'VirtualMedia.InsertMedia', '', path).target, {
        Image: url,
        Inserted: true,
        WriteProtected: true,
      });
    },
    async eject() {
      const path = await system.cdDrive();
      const drive = await system.client.get(path);
      if (image(drive) !== null) await eject(path, drive);
    },
    async inserted() {
      return image(await system.client.get(await system.cdDrive()));
    },
  };
}

/** Some BMCs keep the last image's name after it was ejected. */
function image(drive: Resource): string | null {
  return drive.Inserted === false ? null : textOf(drive, 'Image');
}
