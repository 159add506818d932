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

/** A stock agent enters the system into UEFI's boot menu by a command of its own; ours leaves it to the firmware's search. */
export function entersBootMenu(agent: AgentClient, node: NodeRow): boolean {
  return agent.stock && node.boot_mode === 'uefi';
}

/** Starts the written system. A stock agent knows no kexec. */
export function runImage(agent: AgentClient, kexec: boolean): Promise<Command> {
  return agent.send('standby.run_image', agent.stock ? {} : { kexec }, { wait: true });
}
