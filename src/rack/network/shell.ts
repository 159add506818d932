// A shell in its own user, network and mount namespaces, where a rack's network can be made without root.
import { spawn, spawnSync } from 'node:child_process';
import { rackErrors } from '../errors.ts';

/**
 * Keeps the caller's own user id (PostgreSQL refuses root) and hands its new rights on, so that programs started in
 * the shell may make interfaces.
 */
const unshareArgs = ['--user', '--map-current-user', '--keep-caps', '--net', '--mount'] as const;

/** Runs a command (the caller's shell by default) in the namespaces; returns its exit code. Throws `no-user-namespaces`. */
export async function runShell(
  command: readonly string[],
  environment: NodeJS.ProcessEnv = process.env,
): Promise<number> {
  const probe = spawnSync('unshare', [...unshareArgs, 'ip', 'link', 'set', 'lo', 'up'], { encoding: 'utf8' });
  if (probe.error) throw rackErrors.programMissing('unshare', 'util-linux');
  if (probe.status !== 0) throw rackErrors.noUserNamespaces(probe.stderr);
  const words = command.length > 0 ? command : [environment.SHELL ?? '/bin/sh'];
  const child = spawn('unshare', [...unshareArgs, 'sh', '-c', 'ip link set lo up && exec "$@"', 'sh', ...words], {
    stdio: 'inherit',
    env: { ...environment, UNDERCLOUD_SHELL: '1' },
  });
  return new Promise((done, failed) => {
    child.on('error', failed);
    child.on('exit', (code, signal) => done(code ?? (signal === 'SIGINT' ? 130 : 143)));
  });
}
