// Fast track: a ramdisk that runs on after inspection or cleaning is used by the next work instead of starting the machine anew.

import { OperationFailed } from '../../operations/index.ts';
import { AgentSilent, agentOf } from '../machine/agent-client.ts';
import type { Parts } from '../parts.ts';
import { type NodeRow, tables } from '../store.ts';
import type { NodeWork } from './node-work.ts';

/** Work that leaves its ramdisk running, and takes over one that does. */
export type FastWork = 'inspect' | 'clean' | 'deploy';

type Asked = Pick<Parts, 'config'>;

/** As the node's driver_info says, else as the configuration does. */
export function fastTracks({ config }: Asked, { driver_info: info }: Pick<NodeRow, 'driver_info'>): boolean {
  const own = String(info.fast_track ?? '');
  if (/^(true|yes|on|1)$/i.test(own)) return true;
  return /^(false|no|off|0)$/i.test(own) ? false : config.fastTrack;
}

/**
 * Takes over the ramdisk that runs on the machine; false where none does that has called lately and answers. What it was
 * told before is noted: those commands are not this work's.
 */
export async function takeRamdisk(parts: Parts, work: NodeWork, purpose: FastWork): Promise<boolean> {
  const node = await work.read();
  // Where an image was written its system may run by now, and the last call of the ramdisk says nothing.
  const written = node.driver_internal_info.image_written !== undefined;
  if (!fastTracks(parts, node) || node.power_state !== 'power on' || written) return false;
  const heardAt = await lastCall(parts, work.uuid);
  if (heardAt === null || heardAt.getTime() < Date.now() - parts.config.fastTrackTimeoutMs) return false;
  const agent = await agentOf(parts, work.uuid);
  // One that is not ours sends its inventory before it first calls, and never again.
  if (purpose === 'inspect' && agent.stock) return false;
  try {
    const known = (await agent.commands()).map(({ id }) => id);
    await work.change((now) => ({
      driver_internal_info: JSON.stringify({ ...now.driver_internal_info, earlier_commands: known }),
    }));
    return true;
  } catch (error) {
    // What else answers at that address by now is no ramdisk.
    if (error instanceof AgentSilent || error instanceof OperationFailed) return false;
    throw error;
  }
}

/** When a ramdisk called from the machine last; null where none has since the machine was switched off. */
export async function lastCall({ database }: Pick<Parts, 'database'>, uuid: string): Promise<Date | null> {
  const row = await tables(database)
    .selectFrom('baremetal_agents')
    .select('heartbeat_at')
    .where('node_uuid', '=', uuid)
    .executeTakeFirst();
  return row?.heartbeat_at ?? null;
}

/** Ids of commands that the ramdisk was told by work before this one. */
export function earlierCommands({ driver_internal_info: { earlier_commands: ids } }: NodeRow): readonly unknown[] {
  return Array.isArray(ids) ? ids : [];
}
