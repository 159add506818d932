// The stock `openstack` command against identity, subcommand by subcommand.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { adminVariables, hasOpenstackCommand, runOpenstack } from '../openstack/testing/client.ts';
import { adminPassword, testIdentity } from './testing/index.ts';

/** Command and what its output must hold. */
const commands: readonly (readonly [command: string, expected: RegExp])[] = [
  ['domain create farm --description d', /"name": "farm"/],
  ['domain list', /"Name": "farm"/],
  ['domain set farm --description changed', /^$/],
  ['domain show farm', /"description": "changed"/],
  ['project create barn --domain farm --tag red --property colour=red', /"colour": "red"/],
  ['project set barn --domain farm --tag blue', /^$/],
  ['project list --tags red,blue', /"Name": "barn"/],
  ['project show barn --domain farm', /"is_domain": false/],
  ['user create lea --domain farm --password pw --email lea@farm', /"email": "lea@farm"/],
  ['user set lea --domain farm --ignore-password-expiry', /^$/],
  ['user show lea --domain farm', /"ignore_password_expiry": true/],
  ['user list --domain farm --long', /"Name": "lea"/],
  ['group create hands --domain farm', /"name": "hands"/],
  ['group add user hands lea --group-domain farm --user-domain farm', /^$/],
  ['group contains user hands lea --group-domain farm --user-domain farm', /lea in group hands/],
  ['group list --user lea --user-domain farm', /"Name": "hands"/],
  ['user list --group hands --domain farm', /"Name": "lea"/],
  ['group remove user hands lea --group-domain farm --user-domain farm', /^$/],
  ['role create gardener', /"name": "gardener"/],
  ['role set gardener --name farmer', /^$/],
  ['role show farmer', /"name": "farmer"/],
  ['role add --user lea --user-domain farm --project barn --project-domain farm farmer', /^$/],
  ['role add --group hands --group-domain farm --domain farm --inherited member', /^$/],
  ['role add --user lea --user-domain farm --system all reader', /^$/],
  ['role assignment list --names --project barn --project-domain farm', /"Role": "farmer"/],
  ['role assignment list --system all --names', /lea@farm/],
  ['role remove --user lea --user-domain farm --system all reader', /^$/],
  ['implied role create farmer --implied-role reader', /"prior_role"/],
  ['implied role list', /"Prior Role Name": "farmer"/],
  ['implied role delete farmer --implied-role reader', /^$/],
  ['region create north --parent-region RegionOne', /"region": "north"/],
  ['region list', /"Region": "north"/],
  ['service create --name seeds sowing', /"type": "sowing"/],
  ['service list --long', /"Name": "seeds"/],
  ['endpoint create --region north sowing public http://seeds/%(project_id)s', /"interface": "public"/],
  ['endpoint list --service seeds', /http:\/\/seeds/],
  ['catalog show identity', /"type": "identity"/],
  ['credential create admin secret --type cert', /"type": "cert"/],
  ['credential list --type cert', /"Type": "cert"/],
  ['ec2 credentials create', /"access"/],
  ['ec2 credentials list', /"Access"/],
  ['application credential create robot --role reader', /"name": "robot"/],
  ['application credential list', /"Name": "robot"/],
  ['application credential delete robot', /^$/],
  ['access rule list', /\[\]/],
  ['registered limit create --service keystone --default-limit 10 trees', /"default_limit": 10/],
  ['limit create --service keystone --project admin --resource-limit 5 trees', /"resource_limit": 5/],
  ['limit list', /"Resource Limit": 5/],
  ['endpoint group list', /\[\]/],
  ['policy list', /\[\]/],
  ['trust list', /\[\]/],
  ['token issue', /"project_id"/],
  ['domain set farm --disable', /^$/],
  ['domain delete farm', /^$/],
];

describe.skipIf(!hasOpenstackCommand())('the openstack command (python3-openstackclient)', () => {
  let cloud: Awaited<ReturnType<typeof testIdentity>>;
  let answers: readonly string[] = [];

  beforeAll(async () => {
    cloud = await testIdentity();
    const { url } = cloud.http;
    await cloud.identity.bootstrap({
      adminPassword,
      region: 'RegionOne',
      endpoints: [{ type: 'identity', name: 'keystone', url }],
    });
    answers = await runOpenstack(
      adminVariables(url, adminPassword),
      commands.map(([command]) => command),
    );
  });
  afterAll(() => cloud.drop());

  test.each(commands.map(([command, expected], index) => ({ command, expected, index })))(
    '$command',
    ({ expected, index }) => {
      expect(answers[index]).toMatch(expected);
    },
  );
});
