// Reads this machine's config drive, from a mounted folder or straight from its device.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readIso } from '../config-drive/read-iso.ts';
import { isObject, type Json } from '../parse.ts';
import { readIfThere } from './files.ts';
import type { Paths } from './paths.ts';

export interface ConfigDrive {
  readonly metaData: Json;
  readonly vendorData: Json;
  readonly networkData: Json;
  readonly userData: string | undefined;
}

/** The drive's contents, all empty when the machine has none. */
export async function readConfigDrive(paths: Paths): Promise<ConfigDrive> {
  const file = await source(paths);
  const json = async (name: string): Promise<Json> => {
    const text = await file(name);
    if (text === undefined) return {};
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : {};
  };
  return {
    metaData: await json('meta_data.json'),
    vendorData: await json('vendor_data.json'),
    networkData: await json('network_data.json'),
    userData: await file('user_data'),
  };
}

async function source(paths: Paths): Promise<(name: string) => Promise<string | undefined>> {
  for (const folder of paths.configDriveFolders) {
    const latest = join(folder, 'openstack/latest');
    if ((await readIfThere(join(latest, 'meta_data.json'))) !== undefined)
      return (name) => readIfThere(join(latest, name));
  }
  const device = await readFile(paths.configDriveDevice).catch(() => undefined);
  const files = device ? readIso(device) : new Map<string, Buffer>();
  return async (name) => files.get(`openstack/latest/${name}`)?.toString();
}
