// Reads this machine's config drive, from a mounted folder or straight from its device.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readIso } from '../config-drive/read-iso.ts';
import { type Json, parseObject } from '../parse.ts';
import { readIfThere } from './files.ts';
import type { Paths } from './paths.ts';

export interface ConfigDrive {
  readonly metaData: Json;
  readonly vendorData: Json;
  readonly networkData: Json;
  readonly userData: string | undefined;
}

export const noConfigDrive: ConfigDrive = { metaData: {}, vendorData: {}, networkData: {}, userData: undefined };

/** The drive's contents, or undefined when there is none, or none yet: early in the boot its device may still be missing. */
export async function readConfigDrive(paths: Paths): Promise<ConfigDrive | undefined> {
  const file = await source(paths);
  if (!file) return undefined;
  const json = async (name: string): Promise<Json> => {
    const text = await file(name);
    return text === undefined ? {} : parseObject(text, `${name} on the config drive`);
  };
  return {
    metaData: await json('meta_data.json'),
    vendorData: await json('vendor_data.json'),
    networkData: await json('network_data.json'),
    userData: await file('user_data'),
  };
}

async function source(paths: Paths): Promise<((name: string) => Promise<string | undefined>) | undefined> {
  for (const folder of paths.configDriveFolders) {
    const latest = join(folder, 'openstack/latest');
    if ((await readIfThere(join(latest, 'meta_data.json'))) !== undefined)
      return (name) => readIfThere(join(latest, name));
  }
  for (const device of [paths.configDriveDevice, ...(await devicesNamedConfig2(paths))]) {
    const image = await readFile(device).catch(() => undefined);
    const files = readIso(image ?? Buffer.alloc(0));
    if (files.size > 0) return async (name) => files.get(`openstack/latest/${name}`)?.toString();
  }
  return undefined;
}

/** Partitions by their GPT name, for the time before udev has made its links. */
async function devicesNamedConfig2(paths: Paths): Promise<readonly string[]> {
  const names = await readdir(paths.blockDevices).catch(() => []);
  const found: string[] = [];
  for (const name of names) {
    const uevent = (await readIfThere(join(paths.blockDevices, name, 'uevent'))) ?? '';
    if (uevent.split('\n').includes('PARTNAME=config-2')) found.push(join(paths.devices, name));
  }
  return found;
}
