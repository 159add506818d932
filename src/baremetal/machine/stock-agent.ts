// Where a stock ironic-python-agent wants to be spoken to otherwise than ours.
import { gzipSync } from 'node:zlib';
import { buildConfigDrive, type Command, type ImageInfo } from '../../agent/index.ts';
import { OperationFailed } from '../../operations/index.ts';
import type { NodeRow } from '../store.ts';
import type { AgentClient } from './agent-client.ts';

/** Config drives are made on the machine from their contents; a stock agent wants base64 of a gzipped file system. */
export function configDriveFor(agent: AgentClient, drive: unknown): unknown {
  if (!agent.stock || typeof drive !== 'object' || drive === null) return drive;
  return gzipSync(buildConfigDrive(drive)).toString('base64');
}

/** A stock agent enters the system into UEFI's boot menu by a command of its own; ours leaves it to the firmware's search. */
export function entersBootMenu(agent: AgentClient, node: NodeRow): boolean {
  return agent.stock && node.boot_mode === 'uefi';
}

/** What to write. A stock agent knows images neither by their address nor packed, and writes raw ones as they come in if told to. */
export function imageFor(agent: AgentClient, image: ImageInfo, node: Pick<NodeRow, 'uuid'>): ImageInfo {
  if (!agent.stock) return image;
  if (image.container_format === 'compressed') {
    throw new OperationFailed(
      `Image ${image.id} is packed, and node ${node.uuid} runs a stock ironic-python-agent, which cannot unpack it.`,
      'Deploy it with our deploy ramdisk, or upload the image unpacked.',
    );
  }
  // It also names its temporary file by the id.
  const id = image.id.split('/').at(-1) || node.uuid;
  return { ...image, id, node_uuid: node.uuid, stream_raw_images: true };
}

/** Starts the written system. A stock agent knows no kexec, and may be gone before it could say that it goes. */
export function runImage(agent: AgentClient, kexec: boolean): Promise<Command> {
  return agent.stock ? agent.send('standby.run_image', {}) : agent.send('standby.run_image', { kexec }, { wait: true });
}
