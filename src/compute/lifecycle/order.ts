// What bare metal is told to deploy for a server.
import { type Json, OperationFailed } from '../../operations/index.ts';
import { capabilitiesOf, placementRequest } from '../flavor/request.ts';
import type { ComputeParts, DeployOrder } from '../parts.ts';
import { configDriveOf } from '../server/config-drive.ts';
import { findServer } from '../server/store.ts';
import { mtusOf } from './attach.ts';

/** Throws OperationFailed when the server or its image is gone. */
export async function orderOf(parts: ComputeParts, serverId: string): Promise<DeployOrder> {
  const found = await findServer(parts.database, serverId);
  if (!found) throw new OperationFailed('the server was deleted', '');
  const { server, ports } = found;
  const image = server.image_id === null ? undefined : await parts.images.get(server.image_id);
  if (!image)
    throw new OperationFailed(`its image ${server.image_id} is gone`, 'Rebuild the server with another image.');
  const asked = placementRequest(server.flavor, image.properties);
  const mtus = await mtusOf(
    parts,
    ports.map((port) => port.port_id),
  );
  return {
    serverId,
    serverName: server.name,
    projectId: server.project_id,
    imageId: image.id,
    rootGb: server.flavor.diskGb,
    swapMb: server.flavor.swapMb,
    ephemeralGb: server.flavor.ephemeralGb,
    traits: asked.kind === 'request' ? asked.traits : [],
    capabilities: capabilitiesOf(server.flavor),
    configDrive: server.config_drive ? configDriveOf(server, ports, asJson(server.vendor_data), mtus) : undefined,
  };
}

/** What came out of a JSON column. */
function asJson(value: unknown): { readonly [name: string]: Json } {
  return JSON.parse(JSON.stringify(value));
}
