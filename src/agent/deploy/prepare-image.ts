// Leaves the disk with an image and its config drive, as a command of its own or as the deploy step write_image.
import { buildConfigDrive, unpackConfigDrive } from '../config-drive/contents.ts';
import { AgentError } from '../errors.ts';
import { exchange } from '../http.ts';
import { isObject, type Json, objectOf } from '../parse.ts';
import type { PreparedImage } from '../protocol.ts';
import type { Machine, Report } from './machine.ts';
import { parseConfigDriveContents, parseImageInfo } from './params.ts';

/** `params` as standby.prepare_image has them; `node` gives the root device hints where they do not. Throws AgentError. */
export async function prepareImage(
  machine: Machine,
  params: Json,
  report: Report,
  node: Json = {},
): Promise<PreparedImage> {
  const info = objectOf(params, 'image_info');
  if (!info) throw new AgentError('invalidParams', 'the image to write is not told: image_info is missing');
  const hints = objectOf(info, 'root_device') ?? objectOf(params, 'root_device') ?? rootDeviceHints(node);
  return machine.writeImage(
    {
      image: parseImageInfo(info),
      configDrive: await configDriveBytes(params.configdrive),
      rootDeviceHints: hints,
    },
    report,
  );
}

/** What the server's node says of the disk to deploy to. */
export function rootDeviceHints(node: Json): Json | undefined {
  return (
    objectOf(objectOf(node, 'instance_info') ?? {}, 'root_device') ??
    objectOf(objectOf(node, 'properties') ?? {}, 'root_device')
  );
}

/** Ironic sends base64 text or a URL of it; ours may also send the contents. */
async function configDriveBytes(value: unknown): Promise<Uint8Array | undefined> {
  if (value === undefined || value === null || value === '') return undefined;
  if (isObject(value)) return buildConfigDrive(parseConfigDriveContents(value));
  if (typeof value !== 'string') throw new AgentError('invalidParams', 'configdrive must be text or an object');
  if (!/^https?:/.test(value)) return unpackConfigDrive(value);
  const reply = await exchange(value);
  if (reply.status !== 200) throw new AgentError('download', `config drive ${value}: HTTP ${reply.status}`);
  return unpackConfigDrive(reply.body);
}
