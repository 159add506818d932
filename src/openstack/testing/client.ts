// Runs the stock `openstack` command: one process reads all commands, so that each costs milliseconds instead of seconds.
import { spawn, spawnSync } from 'node:child_process';

const marker = '--- next ---';
const shows = /^(\w+ )+?(list|show|create|issue)\b/;

export function hasOpenstackCommand(): boolean {
  return spawnSync('openstack', ['--version']).status === 0;
}

/** What each command printed on either stream; those that show something print JSON. `env` holds the OS_ variables. */
export function runOpenstack(env: Readonly<Record<string, string>>, commands: readonly string[]): Promise<string[]> {
  const child = spawn('openstack', [], {
    // Unbuffered, or the markers of the shell would overtake the answers.
    env: { ...process.env, PYTHONUNBUFFERED: '1', OS_IDENTITY_API_VERSION: '3', ...env },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      output += String(chunk);
    });
  }
  for (const command of commands)
    child.stdin.write(`${command}${shows.test(command) ? ' -f json' : ''}\n!echo ${marker}\n`);
  child.stdin.end();
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', () => resolve(output.split(`${marker}\n`).map((one) => one.trim())));
  });
}

/** The variables of an administrator of the project admin. */
export function adminVariables(authUrl: string, password: string): Record<string, string> {
  return {
    OS_AUTH_URL: authUrl,
    OS_USERNAME: 'admin',
    OS_PASSWORD: password,
    OS_PROJECT_NAME: 'admin',
    OS_USER_DOMAIN_NAME: 'Default',
    OS_PROJECT_DOMAIN_NAME: 'Default',
    OS_REGION_NAME: 'RegionOne',
  };
}
