// Debian's keystone: fernet tokens, bcrypt passwords, every option as the package leaves it.
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Peer } from '../service/debian.ts';

export const keystonePassword = 'bench';

export const keystone: Peer = {
  name: 'keystone',
  packages: ['python3-keystone'],
  wsgi: '/usr/bin/keystone-wsgi-public',
  prepare(folder, database) {
    const etc = join(folder, 'etc');
    mkdirSync(etc);
    const keys = (name: string) => `[${name}]\nkey_repository = ${join(folder, name)}\n`;
    const file = join(etc, 'keystone.conf');
    writeFileSync(file, `[database]\nconnection = ${database}\n${keys('fernet_tokens')}${keys('credential')}`);
    const manage = (...words: string[]) =>
      execFileSync('keystone-manage', ['--config-file', file, ...words], { stdio: 'ignore' });
    const owner = ['--keystone-user', 'root', '--keystone-group', 'root'];
    manage('db_sync');
    manage('fernet_setup', ...owner);
    manage('credential_setup', ...owner);
    const url = 'http://127.0.0.1/v3';
    const faces = ['--bootstrap-public-url', url, '--bootstrap-internal-url', url, '--bootstrap-admin-url', url];
    manage('bootstrap', '--bootstrap-password', keystonePassword, '--bootstrap-region-id', 'RegionOne', ...faces);
    return { OS_KEYSTONE_CONFIG_FILES: file };
  },
};
