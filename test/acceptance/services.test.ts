// Identity, image, network and placement as the `openstack` command sees them.
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { cloudWithClient } from '../harness/cloud.ts';
import { openstackOnce } from '../harness/openstack.ts';
import { finishCommand } from '../harness/undercloud.ts';

const { cloud, openstack, close } = await cloudWithClient(['--os-placement-api-version', '1.29']);
afterAll(close);

const names = (rows: { Name: string }[]) => rows.map((row) => row.Name);

describe('identity', () => {
  test('issues a token for the project of the cloud', async () => {
    const token = JSON.parse(await openstackOnce({ cloudsFile: cloud.cloudsFile }, 'token issue -f json'));
    const { ID } = (await openstack.json('project list')).find((row: { Name: string }) => row.Name === 'admin');
    expect(token).toMatchObject({ project_id: ID, id: expect.stringMatching(/^ey/) });
  });

  test('issues a token for the whole system', async () => {
    const token = JSON.parse(
      await openstackOnce({ cloudsFile: cloud.cloudsFile, cloud: 'undercloud-system' }, 'token issue -f json'),
    );
    expect(token).toMatchObject({ system: 'all' });
    expect(token.project_id).toBeUndefined();
  });

  test('lists every service in the catalogue under the address that serves it', async () => {
    const rows: { Type: string; Endpoints: { url: string }[] }[] = await openstack.json('catalog list');
    expect(rows.map((row) => row.Type).sort()).toEqual(
      expect.arrayContaining(['baremetal', 'compute', 'identity', 'image', 'network', 'orchestration', 'placement']),
    );
    for (const { url } of rows.flatMap((row) => row.Endpoints)) expect(url).toContain(cloud.origin);
  });

  test('creates projects, users and roles, lists them, and lets the new user in', async () => {
    await openstack.ok('project create acme --description Tenant');
    await openstack.ok('role create operator');
    await openstack.ok('user create --password first-secret ada');
    await openstack.ok('role add --user ada --project acme operator');
    expect(names(await openstack.json('project list'))).toContain('acme');
    expect(names(await openstack.json('role list'))).toContain('operator');
    expect(names(await openstack.json('user list'))).toContain('ada');
    expect(await openstack.json('role assignment list --user ada --names')).toEqual([
      expect.objectContaining({ Role: 'operator', User: 'ada@Default', Project: 'acme@Default' }),
    ]);
    const token = await openstackOnce(
      {
        cloudsFile: cloud.cloudsFile,
        variables: {
          OS_AUTH_URL: `${cloud.origin}/identity/v3`,
          OS_USERNAME: 'ada',
          OS_PASSWORD: 'first-secret',
          OS_PROJECT_NAME: 'acme',
          OS_USER_DOMAIN_NAME: 'Default',
          OS_PROJECT_DOMAIN_NAME: 'Default',
        },
      },
      'token issue -f value -c project_id',
    );
    expect(token.trim()).toBe((await openstack.json('project show acme')).id);
  });

  test('refuses a second project of the same name', async () => {
    expect(await openstack.refused('project create acme')).toMatch(/409|Conflict|already/i);
  });
});

describe('image', () => {
  const uploaded = join(cloud.folder, 'disk.raw');
  const saved = join(cloud.folder, 'saved.raw');
  const readable = join(cloud.folder, 'words.raw');
  writeFileSync(readable, 'words '.repeat(1000));
  writeFileSync(uploaded, randomBytes(3 * 1024 * 1024 + 17));

  test('gives back byte for byte what was uploaded', async () => {
    await openstack.ok(`image create disk --disk-format raw --container-format bare --file ${uploaded}`);
    expect(await openstack.json('image show disk')).toMatchObject({ status: 'active', size: 3 * 1024 * 1024 + 17 });
    await openstack.ok(`image save disk --file ${saved}`);
    expect(readFileSync(saved).equals(readFileSync(uploaded))).toBe(true);
  });

  test('reads every byte again when asked, and frees what a deleted image leaves', async () => {
    const client = { env: { OS_CLIENT_CONFIG_FILE: cloud.cloudsFile, OS_CLOUD: 'undercloud' } };
    const verified = await finishCommand(['image', 'verify', '--json'], client);
    expect(JSON.parse(verified)).toMatchObject({ state: 'done', result: { damaged: [] } });
    await openstack.ok(`image create spare --disk-format raw --container-format bare --file ${readable}`);
    await openstack.ok('image delete spare');
    expect(await finishCommand(['image', 'gc'], client)).toMatch(/freed 1 chunks/);
  });

  test('deletes an image so that nobody finds it any more', async () => {
    await openstack.ok('image delete disk');
    expect(names(await openstack.json('image list'))).not.toContain('disk');
    expect(await openstack.refused('image show disk')).toMatch(/No Image found|404/);
  });

  test('knows an image without content as queued', async () => {
    await openstack.ok('image create empty --disk-format raw --container-format bare');
    expect(await openstack.json('image show empty')).toMatchObject({ status: 'queued' });
    await openstack.ok('image delete empty');
  });
});

describe('network', () => {
  test('chooses addresses of a port from the pool of its subnet', async () => {
    await openstack.ok('network create office');
    await openstack.ok(
      'subnet create office-v4 --network office --subnet-range 10.9.0.0/24 --allocation-pool start=10.9.0.40,end=10.9.0.41',
    );
    const addresses: string[] = [];
    for (const name of ['first', 'second']) {
      const port = await openstack.json(`port create ${name} --network office`);
      addresses.push(port.fixed_ips[0].ip_address);
    }
    expect(addresses.sort()).toEqual(['10.9.0.40', '10.9.0.41']);
    expect(names(await openstack.json('network list'))).toContain('office');
    expect(names(await openstack.json('subnet list'))).toContain('office-v4');
    expect(names(await openstack.json('port list --network office'))).toEqual(
      expect.arrayContaining(['first', 'second']),
    );
  });

  test('refuses a port when the pool is empty, and takes one again after a port has gone', async () => {
    expect(await openstack.refused('port create third --network office')).toMatch(/address/i);
    await openstack.ok('port delete first');
    await openstack.ok('port create third --network office');
  });

  test('refuses to delete a network in use and deletes it after its ports', async () => {
    expect(await openstack.refused('network delete office')).not.toBe('');
    await openstack.ok('port delete second third');
    await openstack.ok('subnet delete office-v4');
    await openstack.ok('network delete office');
    expect(names(await openstack.json('network list'))).not.toContain('office');
  });
});

describe('placement', () => {
  test('finds the provider that has room for a request, and says so of none that has not', async () => {
    const { uuid } = await openstack.json('resource provider create host-1');
    await openstack.ok(`resource provider inventory set ${uuid} --resource VCPU=8 --resource MEMORY_MB=1024`);
    expect((await openstack.json('resource provider list')).map((row: { name: string }) => row.name)).toContain(
      'host-1',
    );
    const fits = await openstack.json('allocation candidate list --resource VCPU=4');
    expect(fits.map((row: Record<string, string>) => row['resource provider'])).toEqual([uuid]);
    expect(await openstack.json('allocation candidate list --resource VCPU=9')).toEqual([]);
  });
});
