// Where a stock ironic-python-agent wants to be spoken to otherwise than ours.
import { gzipSync } from 'node:zlib';
import { buildConfigDrive, type Command } from '../../agent/index.ts';
import type { NodeRow } from '../store.ts';
import type { AgentClient } from './agent-client.ts';

/** Config drives are made on the machine from their contents; a stock agent wants base64 of a gzipped file system. */
export function configDriveFor(agent: AgentClient, drive: unknown): unknown {
  if (!agent.stock || typeof drive !== 'object' || drive === null) return drive;
  return gzipSync(buildConfigDrive(drive)).toString('base64');
}

/** Starts the written system. A stock agent knows no kexec, and under UEFI enters the system into the boot menu by a command of its own. */
export async function runImage(agent: AgentClient, node: NodeRow, kexec: boolean): Promise<Command> {
  if (!agent.stock) return agent.send('standby.run_image', { kexec }, { wait: true });
  if (node.boot_mode === 'uefi') {
    const unknown = { root_uuid: null, efi_system_part_uuid: null, prep_boot_part_uuid: null };
    const ended = await agent.send(
      'image.install_bootloader',
      { ...unknown, target_boot_mode: 'uefi' },
      { wait: true },
    );
    if (ended.command_status === 'FAILED') return ended;
  }
  return agent.send('standby.run_image', {}, { wait: true });
}
