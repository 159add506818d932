// Writes clouds.yaml, by which the openstack command and openstacksdk find us.
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';

export interface CloudsFile {
  readonly folder: string;
  readonly origin: string;
  /** What clients have to trust (PEM); undefined: nothing beyond what their system trusts. */
  readonly authorityFile: string | undefined;
  readonly region: string;
  readonly adminPassword: string;
}

/** Returns the file's path. It holds a password: mode 0600. Clouds: `undercloud` (project admin), `undercloud-system`. */
export function writeCloudsFile({ folder, origin, authorityFile, region, adminPassword }: CloudsFile): string {
  const path = join(folder, 'clouds.yaml');
  const shared = {
    region_name: region,
    identity_api_version: '3',
    ...(authorityFile === undefined ? {} : { cacert: authorityFile }),
  };
  const user = {
    auth_url: `${origin}/identity/v3`,
    username: 'admin',
    password: adminPassword,
    user_domain_name: 'Default',
  };
  const clouds = {
    undercloud: { auth: { ...user, project_name: 'admin', project_domain_name: 'Default' }, ...shared },
    'undercloud-system': { auth: { ...user, system_scope: 'all' }, ...shared },
  };
  writeFileSync(path, stringify({ clouds }), { mode: 0o600 });
  chmodSync(path, 0o600);
  return path;
}
