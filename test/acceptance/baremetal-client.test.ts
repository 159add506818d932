// Every group of `openstack baremetal` as people type it, against fake hardware: what it makes, shows, changes and removes.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { cloudWithClient } from '../harness/cloud.ts';

const { cloud, openstack, close } = await cloudWithClient();
afterAll(close);

const uuids: Record<string, string> = {};
/** `{name}` in a command is the UUID of what was kept under that name. */
const filled = (words: string) =>
  words.split(' ').map((word) => word.replace(/\{(\w+)\}/g, (_all, name: string) => uuids[name] ?? name));

const steps = join(cloud.folder, 'steps.json');
writeFileSync(steps, JSON.stringify([{ interface: 'bios', step: 'factory_reset' }]));
const templateSteps = '[{"interface":"bios","step":"factory_reset","args":{},"priority":150}]';
const resources = join(cloud.folder, 'nodes.json');
writeFileSync(resources, JSON.stringify({ nodes: [{ name: 'from-file', driver: 'fake-hardware' }] }));

type Shown = string | readonly [words: string, keep: string] | readonly [words: string, has: object];

/** Commands in order. A pair keeps the UUID of what is made, or tells what the answer has. */
const groups: Readonly<Record<string, readonly Shown[]>> = {
  chassis: [
    ['baremetal chassis create --description rack', 'chassis'],
    'baremetal chassis list',
    ['baremetal chassis show {chassis}', { description: 'rack' }],
    'baremetal chassis set {chassis} --extra a=1',
    'baremetal chassis unset {chassis} --extra a',
  ],
  'drivers and conductors': [
    'baremetal driver list',
    ['baremetal driver show fake-hardware', { name: 'fake-hardware', type: 'dynamic' }],
    'baremetal driver property list fake-hardware',
    'baremetal driver raid property list fake-hardware',
    'baremetal driver passthru list fake-hardware',
    'baremetal conductor list',
  ],
  nodes: [
    ['baremetal node create --driver fake-hardware --name n1 --resource-class metal --chassis {chassis}', 'node'],
    'baremetal node list --long',
    'baremetal node set n1 --property cpus=4 --extra a=1 --description first --owner me',
    'baremetal node unset n1 --extra a --owner',
    ['baremetal node show n1', { description: 'first', owner: null, provision_state: 'enroll' }],
    'baremetal node validate n1',
    `baremetal create ${resources}`,
    'baremetal node delete from-file',
  ],
  traits: [
    'baremetal node add trait n1 CUSTOM_A CUSTOM_RESET',
    'baremetal node trait list n1',
    'baremetal node remove trait n1 CUSTOM_A',
  ],
  ports: [
    ['baremetal port create 52:54:00:aa:00:01 --node {node}', 'port'],
    'baremetal port list --long',
    'baremetal port set {port} --extra a=1 --pxe-disabled',
    'baremetal port unset {port} --extra a',
    ['baremetal port show {port}', { pxe_enabled: false, extra: {} }],
  ],
  'port groups': [
    ['baremetal port group create --node {node} --name bond --mode 802.3ad', 'group'],
    'baremetal port group list',
    'baremetal port group set bond --extra a=1',
    'baremetal port group unset bond --extra a',
    ['baremetal port group show bond', { mode: '802.3ad' }],
    'baremetal port group delete bond',
  ],
  states: [
    'baremetal node manage n1 --wait 30',
    'baremetal node inspect n1 --wait 30',
    `baremetal node clean n1 --clean-steps ${steps} --wait 60`,
    'baremetal node provide n1 --wait 30',
    ['baremetal node show n1', { provision_state: 'available', target_provision_state: null }],
  ],
  'deploy templates': [
    [`baremetal deploy template create CUSTOM_RESET --steps ${templateSteps}`, 'template'],
    'baremetal deploy template list',
    'baremetal deploy template set CUSTOM_RESET --extra a=1',
    'baremetal deploy template unset CUSTOM_RESET --extra a',
    ['baremetal deploy template show CUSTOM_RESET', { name: 'CUSTOM_RESET' }],
  ],
  allocations: [
    ['baremetal allocation create --resource-class metal --name a1 --wait 30', 'allocation'],
    'baremetal allocation list',
    'baremetal allocation set a1 --extra a=1',
    'baremetal allocation unset a1 --extra a',
    ['baremetal allocation show a1', { state: 'active' }],
    'baremetal allocation delete a1',
  ],
  'an instance': [
    'baremetal node set n1 --instance-info traits=["CUSTOM_RESET"]',
    'baremetal node deploy n1 --wait 60',
    ['baremetal node show n1', { provision_state: 'active', power_state: 'power on' }],
    'baremetal node rebuild n1 --wait 60',
    'baremetal node rescue n1 --rescue-password geheim --wait 30',
    'baremetal node unrescue n1 --wait 30',
    'baremetal node vif attach n1 vif-1',
    'baremetal node vif list n1',
    'baremetal node vif detach n1 vif-1',
    'baremetal node history list n1',
    'baremetal node undeploy n1 --wait 60',
  ],
  power: [
    'baremetal node power on n1 --power-timeout 30',
    'baremetal node reboot n1 --soft',
    'baremetal node power off n1 --soft',
    'baremetal node maintenance set n1 --reason test',
    'baremetal node maintenance unset n1',
  ],
  management: [
    'baremetal node boot device set n1 pxe --persistent',
    ['baremetal node boot device show n1', { boot_device: 'pxe', persistent: true }],
    'baremetal node boot device show n1 --supported',
    'baremetal node boot mode set n1 uefi',
    'baremetal node secure boot on n1',
    'baremetal node secure boot off n1',
    'baremetal node inject nmi n1',
    'baremetal node bios setting list n1 --long',
    'baremetal node bios setting show n1 BootMode',
    'baremetal node console enable n1',
    ['baremetal node console show n1', { console_enabled: true }],
    'baremetal node console disable n1',
    'baremetal node passthru list n1',
    'baremetal node passthru call n1 first_method --arg bar=baz',
  ],
  volumes: [
    ['baremetal volume connector create --node {node} --type iqn --connector-id iqn.2026-01.a:b', 'connector'],
    'baremetal volume connector list',
    'baremetal volume connector set {connector} --extra a=1',
    'baremetal volume connector unset {connector} --extra a',
    ['baremetal volume connector show {connector}', { type: 'iqn' }],
    'baremetal volume connector delete {connector}',
    ['baremetal volume target create --node {node} --type iscsi --volume-id v1 --boot-index 0', 'target'],
    'baremetal volume target list',
    'baremetal volume target set {target} --boot-index 1 --extra a=1',
    'baremetal volume target unset {target} --extra a',
    ['baremetal volume target show {target}', { boot_index: 1 }],
    'baremetal volume target delete {target}',
  ],
  'taking over and the end': [
    'baremetal node manage n1 --wait 30',
    'baremetal node adopt n1 --wait 30',
    ['baremetal node show n1', { provision_state: 'active' }],
    'baremetal node undeploy n1 --wait 30',
    'baremetal port delete {port}',
    'baremetal node delete n1',
    'baremetal chassis delete {chassis}',
    'baremetal deploy template delete CUSTOM_RESET',
  ],
};

test.each(Object.entries(groups))('%s', { timeout: 180_000 }, async (_group, commands) => {
  for (const command of commands) {
    if (typeof command === 'string') {
      await openstack.ok(filled(command));
      continue;
    }
    const [words, then] = command;
    const answer = await openstack.json(filled(words));
    if (typeof then === 'string') uuids[then] = answer.uuid;
    else expect(answer, words).toMatchObject(then);
  }
});

/** Commands of the test below, which need what others print, or must be refused. */
const others = [
  'baremetal conductor show',
  'baremetal node history get',
  'baremetal node abort',
  'baremetal driver passthru call',
];

test('a conductor and an event of a node are shown by name; what cannot be is refused with the reason', async () => {
  const [conductor] = await openstack.json('baremetal conductor list');
  const shown = await openstack.json(['baremetal', 'conductor', 'show', conductor.Hostname]);
  expect(shown).toMatchObject({ hostname: conductor.Hostname, alive: true });
  expect(shown.drivers).toContain('fake-hardware');
  await openstack.ok('baremetal node create --driver fake-hardware --name n2');
  await openstack.ok('baremetal node manage n2 --wait 30');
  await openstack.ok(`baremetal node clean n2 --clean-steps ${steps} --wait 60`);
  const [event] = await openstack.json('baremetal node history list n2');
  const { uuid } = await openstack.json(['baremetal', 'node', 'history', 'get', 'n2', event.UUID]);
  expect(uuid).toBe(event.UUID);
  expect(await openstack.refused('baremetal node abort n2')).toMatch(/"abort" can not be performed.*"manageable"/);
  expect(await openstack.refused('baremetal driver passthru call fake-hardware none')).toMatch(/none/);
  await openstack.ok('baremetal node delete n2');
}, 180_000);

test('every command of the client has been tried', () => {
  const script =
    "from importlib.metadata import entry_points\nprint('\\n'.join(e.name for e in entry_points(group='openstack.baremetal.v1')))";
  const commands = execFileSync('/usr/bin/python3', ['-c', script], { encoding: 'utf8' }).trim().split('\n');
  const tried = [
    ...others,
    ...Object.values(groups)
      .flat()
      .map((one) => (typeof one === 'string' ? one : one[0])),
  ];
  const untried = commands
    .map((name) => name.replaceAll('_', ' '))
    .filter((name) => !tried.some((words) => words === name || words.startsWith(`${name} `)));
  expect(commands.length).toBeGreaterThan(90);
  expect(untried).toEqual([]);
});
