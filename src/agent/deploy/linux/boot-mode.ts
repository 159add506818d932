// How this machine itself was started.
import { access } from 'node:fs/promises';

export async function ownBootMode(): Promise<'bios' | 'uefi'> {
  return access('/sys/firmware/efi').then(
    () => 'uefi',
    () => 'bios',
  );
}
