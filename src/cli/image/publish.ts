// Puts built artefacts into the image service, over its public API.
import { createReadStream } from 'node:fs';
import type { ImageArtefact } from '../../image-builder/index.ts';
import type { ApiJson, Client } from '../client/index.ts';

/**
 * Uploads the artefact as a public image of its name. One with the same content is left alone; an older one of that name
 * is removed once the new one is active. Returns the image's id.
 */
export async function publishArtefact(
  client: Client,
  artefact: ImageArtefact,
  say: (line: string) => void,
): Promise<string> {
  const before = await imagesNamed(client, artefact.name);
  const same = before.find((image) => image.status === 'active' && image.os_hash_value === artefact.osHashValue);
  if (same) {
    say(`${artefact.name}: already registered as ${same.id}`);
    return same.id;
  }
  const image = await client.post('image', '/v2/images', {
    name: artefact.name,
    disk_format: artefact.diskFormat,
    container_format: artefact.containerFormat,
    min_disk: artefact.minDisk,
    min_ram: artefact.minRam,
    visibility: 'public',
    ...artefact.properties,
  });
  try {
    await client.call('image', 'PUT', `/v2/images/${image.id}/file`, {
      stream: createReadStream(artefact.path, { highWaterMark: 1 << 20 }),
      headers: { 'content-type': 'application/octet-stream', 'content-length': String(artefact.sizeBytes) },
    });
    const stored = await client.get('image', `/v2/images/${image.id}`);
    if (stored.os_hash_value !== artefact.osHashValue)
      throw new Error(`${artefact.name} was stored with another ${artefact.osHashAlgo} than it was built with`);
  } catch (error) {
    await client.call('image', 'DELETE', `/v2/images/${image.id}`);
    throw error;
  }
  for (const old of before) await client.call('image', 'DELETE', `/v2/images/${old.id}`);
  say(`${artefact.name}: registered as ${image.id}`);
  return image.id;
}

async function imagesNamed(client: Client, name: string): Promise<ApiJson[]> {
  return (await client.get('image', `/v2/images?name=${encodeURIComponent(name)}`)).images;
}
