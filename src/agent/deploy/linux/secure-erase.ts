// Lets a disk erase itself: NVMe Format with secure erase settings, ATA Security Erase.
import { AgentError, asAgentError } from '../../errors.ts';
import { numberOf, parseObject } from '../../parse.ts';
import type { Disk } from '../../protocol.ts';
import type { Run } from './program.ts';

export type SecureErase = (run: Run) => Promise<void>;

/** How this disk can erase itself, with a name for the log; undefined where it does not offer to. Throws AgentError `write` when it offers but is locked or frozen. */
export async function secureEraseOf(disk: Disk, run: Run): Promise<{ name: string; erase: SecureErase } | undefined> {
  return /^\/dev\/nvme\d/.test(disk.name) ? nvmeFormat(disk, run) : ataErase(disk, run);
}

/** NVM Express base specification, Identify Controller: bits of OACS and FNA. */
const supportsFormat = 1 << 1;
const supportsCryptographicErase = 1 << 2;

async function nvmeFormat(disk: Disk, run: Run) {
  const answer = await asked(run, 'nvme', ['id-ctrl', '-o', 'json', disk.name]);
  if (answer === undefined) return undefined;
  const controller = parseObject(answer, 'nvme id-ctrl');
  if (((numberOf(controller, 'oacs') ?? 0) & supportsFormat) === 0) return undefined;
  const cryptographic = ((numberOf(controller, 'fna') ?? 0) & supportsCryptographicErase) !== 0;
  return {
    name: `NVMe format with ${cryptographic ? 'cryptographic' : 'user data'} erase`,
    erase: async (program: Run) =>
      void (await program('nvme', ['format', disk.name, `--ses=${cryptographic ? 2 : 1}`, '--force'])),
  };
}

/** What the security section of `hdparm -I` says. */
export interface AtaSecurity {
  readonly supported: boolean;
  readonly enabled: boolean;
  readonly locked: boolean;
  readonly frozen: boolean;
  readonly enhanced: boolean;
}

/** Undefined when the disk has no such section. */
export function parseAtaSecurity(text: string): AtaSecurity | undefined {
  const section = /^Security:\s*\n((?:\s.*\n?)*)/m.exec(text)?.[1];
  if (section === undefined) return undefined;
  const lines = section.split('\n').map((line) => line.trim().replace(/\s+/g, ' '));
  return {
    supported: lines.includes('supported'),
    enabled: lines.includes('enabled'),
    locked: lines.includes('locked'),
    frozen: lines.includes('frozen'),
    enhanced: lines.includes('supported: enhanced erase'),
  };
}

/** A password must be set for the command to be taken; the erasure removes it again. */
const password = 'NULL';

async function ataErase(disk: Disk, run: Run) {
  const answer = await asked(run, 'hdparm', ['-I', disk.name]);
  const security = answer === undefined ? undefined : parseAtaSecurity(answer);
  if (!security?.supported) return undefined;
  if (security.frozen) {
    throw new AgentError('write', `${disk.name} can erase itself, but the firmware has frozen its security settings`, {
      details: 'Plug the disk in again or wake the machine from sleep, or let erasing go on by overwriting.',
    });
  }
  const user = ['--user-master', 'u'];
  return {
    name: `ATA ${security.enhanced ? 'enhanced ' : ''}security erase`,
    async erase(program: Run) {
      // A password that an earlier erasure, broken off, has left behind.
      if (security.locked) await program('hdparm', [...user, '--security-unlock', password, disk.name]);
      if (security.enabled) await program('hdparm', [...user, '--security-disable', password, disk.name]);
      await program('hdparm', [...user, '--security-set-pass', password, disk.name]);
      const command = security.enhanced ? '--security-erase-enhanced' : '--security-erase';
      await program('hdparm', [...user, command, password, disk.name]);
      const after = parseAtaSecurity(await program('hdparm', ['-I', disk.name]));
      if (after?.enabled || after?.locked) {
        throw new AgentError('write', `${disk.name} is still protected by a password after it erased itself`);
      }
    },
  };
}

/** What the program prints; undefined when it is not there or the disk does not understand it. */
async function asked(run: Run, program: string, args: readonly string[]): Promise<string | undefined> {
  try {
    return await run(program, args);
  } catch (thrown) {
    const { kind } = asAgentError(thrown);
    if (kind === 'missingProgram' || kind === 'programFailed') return undefined;
    throw thrown;
  }
}
