// Inspection rules as values in, values out.
import { expect, test } from 'vitest';
import type { Draft } from './actions.ts';
import { applyRules, type Rule, refuseRule } from './apply.ts';

const inventory = {
  cpu: { count: 8, architecture: 'x86_64' },
  system_vendor: { manufacturer: 'Dell Inc.' },
  bmc_address: '10.1.2.3',
  disks: [{ name: '/dev/sda', size: 100 }],
};
const draft = (): Draft => ({
  node: { driver: 'redfish', properties: { capabilities: 'boot_mode:uefi' }, extra: {}, auto_discovered: true },
  traits: new Set(['CUSTOM_OLD']),
  plugin_data: {},
  ports: [{ uuid: 'p', address: '52:54:00:00:00:01', extra: { seen: [1] }, physical_network: 'old' }],
  calls: [],
  notes: [],
});
const rule = (conditions: Rule['conditions'], actions: Rule['actions'], priority = 0): Rule => ({
  uuid: 'r',
  priority,
  sensitive: false,
  conditions,
  actions,
});
const note = { op: 'log', args: { msg: 'fits' } };

test.each([
  ['contains', { value: '{inventory[system_vendor][manufacturer]}', regex: '(?i)dell' }, true],
  ['matches', { value: '{inventory[system_vendor][manufacturer]}', regex: 'Inc' }, false],
  ['is-true', { value: '{node.auto_discovered}' }, true],
  ['is-false', { value: '{node.auto_discovered}' }, false],
  ['is-none', { value: '{inventory[gpu]}' }, true],
  ['is-empty', { value: '{node.extra}' }, true],
  ['!is-empty', { value: '{node.extra}' }, false],
  ['eq', { values: ['{inventory[cpu][count]}', 8] }, true],
  ['eq', { values: ['{inventory[cpu][count]}', '8'] }, false],
  ['eq', { values: ['{inventory[cpu][count]}', '8'], force_strings: true }, true],
  ['gt', { values: ['{inventory[cpu][count]}', 4] }, true],
  ['lt', { values: ['{inventory[cpu][count]}', 4] }, false],
  ['ne', { values: ['{inventory[cpu][count]}', 8] }, false],
  ['le', { values: ['{inventory[cpu][count]}', 8] }, true],
  ['ge', { values: ['{inventory[cpu][count]}', 9] }, false],
  ['in-net', { address: '{inventory[bmc_address]}', subnet: '10.1.0.0/16' }, true],
  ['in-net', { address: '{inventory[bmc_address]}', subnet: '10.2.0.0/16' }, false],
  ['one-of', { value: '{inventory[cpu][architecture]}', values: ['x86_64', 'aarch64'] }, true],
])('the condition %s %o holds: %s', (op, args, holds) => {
  const one = draft();
  applyRules([rule([{ op, args }], [note])], one, inventory);
  expect(one.notes).toEqual(holds ? ['fits'] : []);
});

test('actions change fields, capabilities, traits and what is kept; later rules see what earlier ones made', () => {
  const one = draft();
  const first = rule(
    [],
    [
      {
        op: 'set-attribute',
        args: { path: '/driver_info/redfish_address', value: 'https://{inventory[bmc_address]}' },
      },
      { op: 'set-attribute', args: { path: 'properties.cpus', value: '{inventory[cpu][count]}' } },
      { op: 'extend-attribute', args: { path: '/extra/disks', value: '{item}' }, loop: ['a', 'b'] },
      { op: 'set-capability', args: { name: 'raid', value: 'yes' } },
      { op: 'add-trait', args: { name: 'CUSTOM_NEW' } },
      { op: 'remove-trait', args: { name: 'CUSTOM_OLD' } },
      { op: 'set-plugin-data', args: { path: 'seen.vendor', value: '{inventory[system_vendor][manufacturer]}' } },
    ],
    10,
  );
  const second = rule(
    [{ op: 'eq', args: { values: ['{node.properties.cpus}', 8] } }],
    [{ op: 'log', args: { msg: '{node.properties.cpus} CPUs in {plugin_data[seen][vendor]}' } }],
  );
  applyRules([second, first], one, inventory);
  expect(one.node).toMatchObject({
    driver_info: { redfish_address: 'https://10.1.2.3' },
    extra: { disks: ['a', 'b'] },
    properties: { cpus: 8, capabilities: 'boot_mode:uefi,raid:yes' },
  });
  expect([...one.traits]).toEqual(['CUSTOM_NEW']);
  expect(one.notes).toEqual(['8 CPUs in Dell Inc.']);
});

test('a loop tries its items, and says whether one or all must fit', () => {
  const big = { op: 'gt', args: { values: ['{inventory[cpu][count]}', '{item}'] }, loop: [4, 16] };
  const fits = (multiple: 'any' | 'all' | 'first' | 'last') => {
    const one = draft();
    applyRules([rule([{ ...big, multiple }], [note])], one, inventory);
    return one.notes.length > 0;
  };
  expect([fits('any'), fits('all'), fits('first'), fits('last')]).toEqual([true, false, true, false]);
});

test('a loop may go over what was found, and reaches into its items', () => {
  const one = draft();
  const args = { path: 'disks.{item[name]}', value: '{item[size]}' };
  const kept = {
    op: 'extend-plugin-data',
    args: { path: 'sizes', value: '{item.size}', unique: true },
    loop: '{inventory[disks]}',
  };
  applyRules([rule([], [{ op: 'set-plugin-data', args, loop: '{inventory[disks]}' }, kept, kept])], one, inventory);
  expect(one.plugin_data).toEqual({ disks: { dev: { sda: 100 } }, sizes: [100] });
});

test('actions change ports by MAC address or UUID, and a port that is none is refused', () => {
  const one = draft();
  const port = { port_id: '52:54:00:00:00:01' };
  const set = {
    op: 'set-port-attribute',
    args: { ...port, path: '/physical_network', value: 'rack-{inventory[cpu][count]}' },
  };
  const extend = { op: 'extend-port-attribute', args: { port_id: 'p', path: 'extra/seen', value: 2 } };
  applyRules([rule([], [set, extend, { op: 'del-port-attribute', args: { ...port, path: 'name' } }])], one, inventory);
  expect(one.ports).toMatchObject([{ physical_network: 'rack-8', extra: { seen: [1, 2] } }]);
  const stranger = { ...extend, args: { ...extend.args, port_id: 'q' } };
  expect(() => applyRules([rule([], [stranger])], one, inventory)).toThrow('no port "q"');
});

test('a call of an outside service has its address filled in, and one that is none is refused', () => {
  const one = draft();
  const call = (url: string) => ({
    op: 'api-call',
    args: { url, method: 'post', headers: { 'x-key': 1 }, timeout: 2 },
  });
  applyRules([rule([], [call('http://cmdb/{inventory[bmc_address]}')])], one, inventory);
  expect(one.calls).toEqual([
    { url: 'http://cmdb/10.1.2.3', method: 'POST', headers: { 'x-key': '1' }, timeoutMs: 2000 },
  ]);
  expect(() => applyRules([rule([], [call('file:///etc/passwd')])], one, inventory)).toThrow(/no HTTP URL/);
});

test('a rule may end the inspection', () => {
  const failing = rule([], [{ op: 'fail', args: { msg: 'no {inventory[cpu][count]} cores' } }]);
  expect(() => applyRules([failing], draft(), inventory)).toThrow('no 8 cores');
});

test('a sensitive rule leaves no notes, and tells not why it ends the inspection', () => {
  const one = draft();
  const secret = { op: 'log', args: { msg: 'password {node.driver}' } };
  const quiet = { ...rule([], [secret]), sensitive: true };
  applyRules([rule([], [note], 1), quiet, rule([], [note])], one, inventory);
  expect(one.notes).toEqual(['fits', 'fits']);
  const failing = { ...rule([], [{ op: 'fail', args: { msg: 'password redfish' } }]), sensitive: true };
  expect(() => applyRules([failing], draft(), inventory)).toThrow(/^of the sensitive rule r no more is told/);
});

test('arguments in a list stand in the order that the operation names them', () => {
  const one = draft();
  const conditions = [
    { op: 'eq', args: ['{inventory[cpu][count]}', 8, 8] },
    { op: 'in-net', args: ['{inventory[bmc_address]}', '10.1.0.0/16'] },
    { op: 'one-of', args: ['{item}', ['a', 'b']], loop: ['c', 'b'] },
  ];
  const actions = [
    { op: 'set-attribute', args: ['/extra/cpus', '{inventory[cpu][count]}'] },
    { op: 'set-port-attribute', args: ['p', 'physical_network', 'new'] },
  ];
  refuseRule({ conditions, actions });
  applyRules([rule(conditions, actions)], one, inventory);
  expect([one.node.extra, one.ports[0]?.physical_network]).toEqual([{ cpus: 8 }, 'new']);
});

test('a rule never reaches the prototype of an object', () => {
  const evil = rule([], [{ op: 'set-attribute', args: { path: '__proto__/polluted', value: 1 } }]);
  expect(() => applyRules([evil], draft(), inventory)).toThrow(/can not set/);
});

test.each([
  [{ op: 'flies', args: {} }, note, /no condition "flies"/],
  [{ op: 'eq', args: {} }, note, /"eq" needs the arguments values/],
  [{ op: 'in-net', args: ['10.0.0.1'] }, note, /"in-net" needs the arguments subnet/],
  [{ op: 'is-true', args: [1, 2] }, note, /More arguments/],
  [{ op: 'contains', args: ['a', '('] }, note, /no regular expression/],
  [{ op: 'matches', args: { value: 'a', regex: '(' } }, note, /no regular expression/],
  [{ op: 'is-true', args: { value: 1 } }, { op: 'explode', args: {} }, /no action "explode"/],
])('%o is refused when the rule is made', (condition, action, message) => {
  expect(() => refuseRule({ conditions: [condition], actions: [action] })).toThrow(message);
});
