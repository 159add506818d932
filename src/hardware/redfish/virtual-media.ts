// The virtual CD drive of a Redfish machine.
import { HardwareError, type VirtualMedia } from '../contract.ts';
import { quirksOf } from './quirks.ts';
import { type Resource, textOf } from './resource.ts';
import { action, type SystemAccess } from './system.ts';

export function redfishVirtualMedia(system: SystemAccess): VirtualMedia {
  const { client } = system;
  async function eject(path: string, drive: Resource): Promise<void> {
    const { insert } = quirksOf(await system.read());
    if (insert === 'patch') await client.patch(path, { Image: null, Inserted: false });
    else await client.post(action(drive, 'VirtualMedia.EjectMedia', '', path).target, {});
  }
  return {
    async insert(url) {
      const path = await system.cdDrive();
      const drive = await client.get(path);
      const there = image(drive);
      if (there === url) return;
      if (there !== null) await eject(path, drive);
      const { insert } = quirksOf(await system.read());
      const body = insert === 'image only' ? { Image: url } : { Image: url, Inserted: true, WriteProtected: true };
      if (insert === 'patch') return client.patch(path, body);
      const { target } = action(drive, 'VirtualMedia.InsertMedia', '', path);
      try {
        await client.post(target, body);
      } catch (error) {
        // MegaRAC's services among others want what the URL says already.
        if (!(error instanceof HardwareError) || !/TransferProtocolType/.test(error.message)) throw error;
        const scheme = new URL(url).protocol.slice(0, -1).toUpperCase();
        await client.post(target, { ...body, TransferProtocolType: scheme, TransferMethod: 'Stream' });
      }
    },
    async eject() {
      const path = await system.cdDrive();
      const drive = await client.get(path);
      if (image(drive) !== null) await eject(path, drive);
    },
    async inserted() {
      return image(await client.get(await system.cdDrive()));
    },
  };
}

/** Some BMCs keep the last image's name after it was ejected. */
function image(drive: Resource): string | null {
  const empty = drive.Inserted === false || drive.ConnectedVia === 'NotConnected';
  return empty ? null : textOf(drive, 'Image');
}
