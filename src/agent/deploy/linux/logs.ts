// What a ramdisk knows of its own failures: the agent's log, the kernel's, and how disks and network stood.
import { gzipSync } from 'node:zlib';
import { asAgentError } from '../../errors.ts';
import { run } from './program.ts';
import { tarOf } from './tar.ts';

/** File name to the command whose output it holds. */
const sources: Readonly<Record<string, readonly [string, ...string[]]>> = {
  'dmesg.txt': ['dmesg'],
  'lsblk.txt': ['lsblk', '--all', '--output', 'NAME,SIZE,TYPE,FSTYPE,LABEL,UUID,MOUNTPOINT,MODEL,SERIAL,RO'],
  'addresses.txt': ['ip', 'address'],
  'routes.txt': ['ip', 'route'],
  'processes.txt': ['ps'],
  'memory.txt': ['cat', '/proc/meminfo'],
  'modules.txt': ['lsmod'],
  'cmdline.txt': ['cat', '/proc/cmdline'],
  'mdstat.txt': ['cat', '/proc/mdstat'],
};

/** A gzipped tar with a file for each source; what a program lacks is said in its file. `agentLog` is the agent's own. */
export async function collectLogs(agentLog: string): Promise<Uint8Array> {
  const files: [string, string][] = [['agent.log', agentLog]];
  for (const [name, [program, ...args]] of Object.entries(sources)) {
    const text = await run(program, args).catch((thrown: unknown) => `${asAgentError(thrown).details}\n`);
    files.push([name, text]);
  }
  return gzipSync(tarOf(files));
}
