// Ends the ramdisk: kexec, reboot or power off, in ways that work for PID 1 without an init.
import { writeFile } from 'node:fs/promises';
import { asAgentError } from '../../errors.ts';
import { run } from './program.ts';

const programs = {
  kexec: ['kexec', ['-e']],
  reboot: ['reboot', ['-f']],
  'power off': ['poweroff', ['-f']],
} as const;

/** sysrq letters that do the same without any program; a loaded kexec that will not start ends in a reboot. */
const letters = { kexec: 'b', reboot: 'b', 'power off': 'o' } as const;

/** Does not return on a real machine. */
export async function leave(how: keyof typeof programs, log: (line: string) => void): Promise<void> {
  const [program, args] = programs[how];
  try {
    await run(program, args);
  } catch (thrown) {
    log(`${program}: ${asAgentError(thrown).details}; leaving by sysrq`);
    await writeFile('/proc/sysrq-trigger', letters[how]);
  }
}
