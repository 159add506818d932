// Debian's placement-api as the reference figures were measured.
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Peer } from '../service/debian.ts';

export const placementApi: Peer = {
  name: 'placement-api',
  packages: ['placement-api'],
  wsgi: '/usr/bin/placement-api',
  prepare(folder, database) {
    const etc = join(folder, 'etc');
    mkdirSync(etc);
    const file = join(etc, 'placement.conf');
    writeFileSync(file, `[api]\nauth_strategy = noauth2\n[placement_database]\nconnection = ${database}\n`);
    execFileSync('placement-manage', ['--config-file', file, 'db', 'sync'], { stdio: 'ignore' });
    return { OS_PLACEMENT_CONFIG_DIR: etc };
  },
};
