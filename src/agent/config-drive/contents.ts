// Config drives: built from their contents, unpacked from what a deploy request carries.
import { gunzipSync } from 'node:zlib';
import { AgentError } from '../errors.ts';
import type { ConfigDriveContents } from '../protocol.ts';
import { type IsoFile, writeIso } from './iso9660.ts';
import { isoLabel } from './read-iso.ts';

export const configDriveLabel = 'config-2';

/** The ISO 9660 bytes of a config drive in OpenStack's layout; the same contents give the same bytes. */
export function buildConfigDrive(contents: ConfigDriveContents): Buffer {
  const files: IsoFile[] = [];
  const add = (name: string, value: unknown) => {
    if (value === undefined) return;
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    files.push({ path: `openstack/latest/${name}`, bytes: Buffer.from(text) });
  };
  add('meta_data.json', contents.meta_data ?? {});
  add('user_data', contents.user_data);
  add('network_data.json', contents.network_data);
  add('vendor_data.json', contents.vendor_data);
  return writeIso(configDriveLabel, files);
}

/** File system bytes from base64 text, gzipped or not. Throws AgentError `configDrive` when that is no file system. */
export function unpackConfigDrive(text: string): Buffer {
  const packed = Buffer.from(text, 'base64');
  const bytes = packed[0] === 0x1f && packed[1] === 0x8b ? gunzip(packed) : packed;
  const isFat = bytes.length > 512 && bytes.readUInt16LE(510) === 0xaa55;
  if (isoLabel(bytes) === undefined && !isFat) {
    throw new AgentError('configDrive', `the config drive (${bytes.length} bytes) is neither ISO 9660 nor FAT`);
  }
  return bytes;
}

function gunzip(packed: Buffer): Buffer {
  try {
    return gunzipSync(packed);
  } catch (cause) {
    throw new AgentError('configDrive', 'the config drive is broken gzip', { cause });
  }
}
