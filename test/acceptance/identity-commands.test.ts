// Every identity subcommand of the `openstack` command, in the order of a cloud's life.
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, test } from 'vitest';
import { cloudWithClient } from '../harness/cloud.ts';
import { openstackOnce } from '../harness/openstack.ts';

const { cloud, openstack, close } = await cloudWithClient();
afterAll(close);

/** What the command prints, as JSON where it prints something; `id`s go by their names into the commands that follow as `{name}`. */
type Step = readonly [command: string, prints: RegExp | '', id?: string];

const steps: readonly Step[] = [
  ['domain create farm --description d', /"name": ?"farm"/],
  ['domain list', /"Name": ?"farm"/],
  ['domain set farm --description changed', ''],
  ['domain show farm', /"description": ?"changed"/],

  ['project create barn --domain farm --tag red --property colour=red', /"colour": ?"red"/, 'barn'],
  ['project create loft --domain farm --parent barn', /"parent_id": ?"{barn}"/],
  ['project set barn --domain farm --tag blue', ''],
  ['project list --tags red,blue', /"Name": ?"barn"/],
  ['project list --parent {barn}', /"Name": ?"loft"/],
  ['project show barn --domain farm --children', /"subtree"/],
  ['project delete loft --domain farm', ''],

  ['user create lea --domain farm --password pw --email lea@farm', /"email": ?"lea@farm"/, 'lea'],
  ['user set lea --domain farm --ignore-password-expiry', ''],
  ['user show lea --domain farm', /"ignore_password_expiry": ?true/],
  ['user list --domain farm --long', /"Name": ?"lea"/],
  ['user create gone --domain farm', /"enabled": ?true/],
  ['user delete gone --domain farm', ''],

  ['group create hands --domain farm', /"name": ?"hands"/],
  ['group set hands --domain farm --description helping', ''],
  ['group show hands --domain farm', /"description": ?"helping"/],
  ['group add user hands lea --group-domain farm --user-domain farm', ''],
  ['group contains user hands lea --group-domain farm --user-domain farm', ''],
  ['group list --user lea --user-domain farm', /"Name": ?"hands"/],
  ['user list --group hands --domain farm', /"Name": ?"lea"/],
  ['group remove user hands lea --group-domain farm --user-domain farm', ''],

  ['role create gardener', /"name": ?"gardener"/],
  ['role set gardener --name farmer', ''],
  ['role show farmer', /"name": ?"farmer"/],
  ['role list', /"Name": ?"farmer"/],
  ['role add --user lea --user-domain farm --project barn --project-domain farm farmer', ''],
  ['role add --group hands --group-domain farm --domain farm --inherited member', ''],
  ['role add --user lea --user-domain farm --system all reader', ''],
  ['role assignment list --names --project barn --project-domain farm', /"Role": ?"farmer"/],
  ['role assignment list --system all --names', /lea@farm/],
  ['role assignment list --effective --names --user lea --user-domain farm', /"Role": ?"reader"/],
  ['role remove --user lea --user-domain farm --system all reader', ''],
  ['implied role create farmer --implied-role reader', /"prior_role"/],
  ['implied role list', /"Prior Role Name": ?"farmer"/],
  ['implied role delete farmer --implied-role reader', ''],
  ['role create passing', /"name": ?"passing"/],
  ['role delete passing', ''],

  ['region create north --parent-region RegionOne', /"region": ?"north"/],
  ['region set north --description cold', ''],
  ['region show north', /"description": ?"cold"/],
  ['region list', /"Region": ?"north"/],
  ['service create --name seeds sowing', /"type": ?"sowing"/],
  ['service set seeds --description grain', ''],
  ['service show seeds', /"description": ?"grain"/],
  ['service list --long', /"Name": ?"seeds"/],
  ['endpoint create --region north sowing public http://seeds/%(project_id)s', /"interface": ?"public"/, 'endpoint'],
  ['endpoint set {endpoint} --url http://grain', ''],
  ['endpoint show {endpoint}', /"url": ?"http:\/\/grain"/],
  ['endpoint list --service seeds', /http:\/\/grain/],
  ['catalog list', /"Type": ?"identity"/],
  ['catalog show identity', /"type": ?"identity"/],
  ['endpoint add project {endpoint} barn --project-domain farm', ''],
  ['endpoint list --project barn --project-domain farm', /{endpoint}/],
  ['endpoint remove project {endpoint} barn --project-domain farm', ''],

  ['registered limit create --service seeds --default-limit 10 trees', /"default_limit": ?10/, 'registered'],
  ['registered limit set {registered} --default-limit 12', /"default_limit": ?12/],
  ['registered limit show {registered}', /"resource_name": ?"trees"/],
  ['registered limit list', /"Resource Name": ?"trees"/],
  ['limit create --service seeds --project admin --resource-limit 5 trees', /"resource_limit": ?5/, 'limit'],
  ['limit set {limit} --resource-limit 6', /"resource_limit": ?6/],
  ['limit show {limit}', /"resource_limit": ?6/],
  ['limit list', /"Resource Limit": ?6/],
  ['limit delete {limit}', ''],
  ['registered limit delete {registered}', ''],

  ['credential create admin secret --type cert', /"type": ?"cert"/, 'credential'],
  ['credential set {credential} --user admin --type cert --data changed', ''],
  ['credential show {credential}', /"blob": ?"changed"/],
  ['credential list --type cert', /"Type": ?"cert"/],
  ['credential delete {credential}', ''],
  ['ec2 credentials create', /"access"/, 'access'],
  ['ec2 credentials list', /"Access": ?"{access}"/],
  ['ec2 credentials show {access}', /"secret"/],
  ['ec2 credentials delete {access}', ''],

  [
    'application credential create robot --role reader --access-rules [{"path":"/v3/users","method":"GET","service":"identity"}]',
    /"name": ?"robot"/,
  ],
  ['application credential show robot', /"unrestricted": ?false/],
  ['application credential list', /"Name": ?"robot"/],
  ['access rule list', /"Path": ?"\/v3\/users"/, 'rule'],
  ['access rule show {rule}', /"method": ?"GET"/],
  ['application credential delete robot', ''],
  ['access rule delete {rule}', ''],

  ['trust create --project admin --role reader admin {lea}', /"trustee_user_id": ?"{lea}"/, 'trust'],
  ['trust show {trust}', /"impersonation": ?false/],
  ['trust list', /{trust}/],
  ['trust delete {trust}', ''],

  ['policy create --type text/plain /dev/null', /"type": ?"text\/plain"/, 'policy'],
  ['policy set {policy} --type application/json', ''],
  ['policy show {policy}', /"type": ?"application\/json"/],
  ['policy list', /{policy}/],
  ['policy delete {policy}', ''],

  ['endpoint group create seen {filters}', /"name": ?"seen"/, 'endpoints'],
  ['endpoint group set {endpoints} --description d', ''],
  ['endpoint group show {endpoints}', /"description": ?"d"/],
  ['endpoint group add project {endpoints} barn --project-domain farm', ''],
  ['endpoint group list --project barn --domain farm', /{endpoints}/],
  ['endpoint group remove project {endpoints} barn --project-domain farm', ''],
  ['endpoint group delete {endpoints}', ''],

  ['federation project list', /"Name": ?"admin"/],
  ['federation domain list', /^\[/],
  ['token issue', /"project_id"/, 'token'],
  ['token revoke {token}', ''],

  ['endpoint delete {endpoint}', ''],
  ['service delete seeds', ''],
  ['region delete north', ''],
  ['role delete farmer', ''],
  ['group delete hands --domain farm', ''],
  ['domain set farm --disable', ''],
  ['domain delete farm', ''],
];

describe('each subcommand', () => {
  const filters = join(cloud.folder, 'filters.json');
  writeFileSync(filters, JSON.stringify({ interface: 'public' }));
  const ids = new Map([['filters', filters]]);
  const fill = (text: string) => text.replace(/\{(\w+)\}/g, (whole, name: string) => ids.get(name) ?? whole);

  test.each(steps.map(([command, prints, id]) => ({ command, prints, id })))(
    '$command',
    async ({ command, prints, id }) => {
      const words = command.split(' ').map(fill);
      if (prints === '') return openstack.ok(words);
      const printed = await openstack.json(words);
      expect(JSON.stringify(printed)).toMatch(new RegExp(fill(prints.source)));
      if (id !== undefined) ids.set(id, idOf(printed));
    },
  );
});

/** The id of what was shown, or of the first row of a list. */
function idOf(printed: unknown): string {
  const row = Array.isArray(printed) ? printed[0] : printed;
  for (const key of ['id', 'ID', 'access']) {
    const value = typeof row === 'object' && row !== null ? Reflect.get(row, key) : undefined;
    if (typeof value === 'string') return value;
  }
  throw new Error(`no id in ${JSON.stringify(printed)}`);
}

test('a user changes the own password', async () => {
  await openstack.ok('user create ann --password before');
  await openstack.ok('role add --user ann --project admin reader');
  const as = (password: string) => ({
    cloudsFile: cloud.cloudsFile,
    variables: {
      OS_AUTH_URL: `${cloud.origin}/identity/v3`,
      OS_USERNAME: 'ann',
      OS_PASSWORD: password,
      OS_PROJECT_NAME: 'admin',
      OS_USER_DOMAIN_NAME: 'Default',
      OS_PROJECT_DOMAIN_NAME: 'Default',
    },
  });
  await openstackOnce(as('before'), 'user password set --original-password before --password after');
  await expect(openstackOnce(as('before'), 'token issue')).rejects.toThrow(/401/);
  expect(await openstackOnce(as('after'), 'token issue -f value -c id')).toMatch(/^ey/);
});

test.each([
  'identity provider list',
  'mapping list',
  'federation protocol list --identity-provider x',
  'service provider list',
  'consumer list',
])('%s: not offered', async (command) => {
  expect(await openstack.refused(command)).toMatch(/404|501|could not be found|not offered/i);
});

test('openstacksdk finds every service in the catalogue', async () => {
  const script = `
import openstack
cloud = openstack.connect()
for service in ('identity', 'image', 'network', 'placement', 'baremetal', 'compute', 'orchestration'):
    print(service, cloud.endpoint_for(service), getattr(cloud, 'baremetal' if service == 'baremetal' else service).get_endpoint_data().api_version)
print('users', [user.name for user in cloud.identity.users()])
`;
  const { stdout } = await promisify(execFile)('/usr/bin/python3', ['-c', script], {
    env: { ...process.env, OS_CLIENT_CONFIG_FILE: cloud.cloudsFile, OS_CLOUD: 'undercloud' },
  });
  for (const service of ['identity', 'image', 'network', 'placement', 'baremetal', 'compute', 'orchestration'])
    expect(stdout).toContain(`${service} ${cloud.origin}/${service}`);
  expect(stdout).toMatch(/users \[.*'admin'/);
});
