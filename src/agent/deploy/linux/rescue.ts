// Opens the ramdisk to a person: an account with a password, SSH, and a login on each console.
import { spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { AgentError } from '../../errors.ts';
import type { RescueLogin } from '../machine.ts';
import { has, run } from './program.ts';
import { read } from './sysfs.ts';

/** Both are the superuser; `rescue` is the name that Ironic documents. */
const accounts = ['root', 'rescue'];

/** Throws AgentError `invalidParams` for a hash that would break the password file, `missingProgram` or `programFailed`. */
export async function openForRescue(login: RescueLogin, log: (line: string) => void): Promise<void> {
  const hash = login.hashed ? login.password : (await run('mkpasswd', ['-m', 'sha512', '--', login.password])).trim();
  if (hash === '' || /[:\s]/.test(hash)) throw new AgentError('invalidParams', 'rescue_password is no password hash');
  await mkdir('/root', { recursive: true });
  await writeFile('/etc/passwd', accounts.map((name) => `${name}:x:0:0:${name}:/root:/bin/sh\n`).join(''));
  await writeFile('/etc/shadow', accounts.map((name) => `${name}:${hash}:19000:0:99999:7:::\n`).join(''), {
    mode: 0o600,
  });
  if (await has('dropbear')) {
    await mkdir('/etc/dropbear', { recursive: true });
    // Host keys are made at the first connection; a ramdisk has none that anybody could know.
    await run('dropbear', ['-R', '-P', '/run/dropbear.pid']);
  } else {
    log('rescue: no SSH, for dropbear is not in this ramdisk');
  }
  for (const console of await consoles()) loginOn(console);
}

/** The terminals that the kernel writes to; tty0 stands for the screen, whose first terminal is tty1. */
async function consoles(): Promise<readonly string[]> {
  const active = (await read('/sys/class/tty/console/active')) ?? '';
  return active.split(/\s+/).flatMap((name) => (name === '' ? [] : [name === 'tty0' ? 'tty1' : name]));
}

/** Asks for a login again after each that ends; lives on beside the agent until the machine leaves the ramdisk. */
function loginOn(terminal: string): void {
  const forever = `while true; do setsid getty -L 0 ${terminal} vt100 || sleep 5; done`;
  spawn('sh', ['-c', forever], { detached: true, stdio: 'ignore' }).unref();
}
