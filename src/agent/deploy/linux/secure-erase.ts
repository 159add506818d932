// Lets a disk erase itself: NVMe Sanitize or Format with secure erase settings, ATA Security Erase.
import type { Clock } from '../../clock.ts';
import { AgentError, asAgentError } from '../../errors.ts';
import { numberOf, parseObject } from '../../parse.ts';
import type { Disk } from '../../protocol.ts';
import type { Run } from './program.ts';

/** `clock` is for what goes on by itself once it has begun. */
export type SecureErase = (run: Run, clock: Clock) => Promise<void>;

/** How this disk can erase itself, with a name for the log; undefined where it does not offer to. Throws AgentError `write` when it offers but is locked or frozen. */
export async function secureEraseOf(disk: Disk, run: Run): Promise<{ name: string; erase: SecureErase } | undefined> {
  return /^\/dev\/nvme\d/.test(disk.name) ? nvmeErase(disk, run) : ataErase(disk, run);
}

/** NVM Express base specification, Identify Controller: bits of OACS and FNA. */
const supportsFormat = 1 << 1;
const supportsCryptographicErase = 1 << 2;

async function nvmeErase(disk: Disk, run: Run) {
  const answer = await asked(run, 'nvme', ['id-ctrl', '-o', 'json', disk.name]);
  if (answer === undefined) return undefined;
  const controller = parseObject(answer, 'nvme id-ctrl');
  const sanitizes = numberOf(controller, 'sanicap') ?? 0;
  const kind = sanitizeKinds.find(({ bit }) => (sanitizes & bit) !== 0);
  if (kind) return { name: `NVMe sanitize by ${kind.name}`, erase: sanitize(disk, kind.action) };
  if (((numberOf(controller, 'oacs') ?? 0) & supportsFormat) === 0) return undefined;
  const cryptographic = ((numberOf(controller, 'fna') ?? 0) & supportsCryptographicErase) !== 0;
  return {
    name: `NVMe format with ${cryptographic ? 'cryptographic' : 'user data'} erase`,
    erase: async (program: Run) =>
      void (await program('nvme', ['format', disk.name, `--ses=${cryptographic ? 2 : 1}`, '--force'])),
  };
}

/**
 * Identify Controller: bits of SANICAP with the sanitize action for each, the quickest first; overwriting a whole disk by itself wears it out
 * and gains nothing over Format.
 */
const sanitizeKinds = [
  { bit: 1 << 0, action: 4, name: 'cryptographic erase' },
  { bit: 1 << 1, action: 2, name: 'block erase' },
] as const;

const sanitizePollMs = 1_000;
const sanitizeTimeoutMs = 12 * 3_600_000;

/** The whole subsystem erases itself, namespaces that are not disks here included, and goes on with it through resets and power cuts. */
function sanitize(disk: Disk, action: number): SecureErase {
  const controller = disk.name.replace(/n\d+$/, '');
  return async (run, clock) => {
    await run('nvme', ['sanitize', controller, `--sanact=${action}`]);
    const never = new AbortController().signal;
    for (const deadline = clock.now() + sanitizeTimeoutMs; clock.now() < deadline; ) {
      const status = sanitizeStatus(await run('nvme', ['sanitize-log', controller]));
      if (status === 1 || status === 4) return;
      if (status !== 2) throw new AgentError('write', `${controller} failed to sanitize itself (status ${status})`);
      await clock.sleep(sanitizePollMs, never);
    }
    throw new AgentError('write', `${controller} did not end its sanitizing within 12 hours`);
  };
}

/** Bits 2:0 of SSTAT: 0 never, 1 and 4 done, 2 under way, 3 failed. */
function sanitizeStatus(log: string): number {
  const found = /\(SSTAT\)\s*:\s*(0x[0-9a-f]+|\d+)/i.exec(log)?.[1];
  if (found === undefined) {
    throw new AgentError('write', 'nvme sanitize-log does not tell how far it is', { details: log });
  }
  return Number(found) & 7;
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
