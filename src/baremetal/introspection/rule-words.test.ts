// Rules in Inspector's words, translated and run.
import { expect, test } from 'vitest';
import type { Draft } from '../inspection-rule/actions.ts';
import { applyRules, type Rule } from '../inspection-rule/apply.ts';
import { type Action, type Condition, scopeCondition, translatedAction, translatedCondition } from './rule-words.ts';

const inventory = {
  cpu: { count: 8, architecture: 'x86_64' },
  bmc_address: '10.1.2.3',
  disks: [{ size: 100 }, { size: 300 }],
  interfaces: [],
};
const draft = (): Draft => ({
  node: { driver: 'redfish', properties: { inspection_scope: 'east', capabilities: '' }, extra: {}, driver_info: {} },
  traits: new Set(['CUSTOM_OLD']),
  plugin_data: {
    memory_mb: 4096,
    all_interfaces: { eth0: { mac_address: '52:54:00:00:00:01' } },
    valid_interfaces: { eth0: { mac_address: '52:54:00:00:00:01', pxe_enabled: true } },
  },
  ports: [],
  calls: [],
  notes: [],
});

function run(conditions: Rule['conditions'], actions: readonly Action[]): Draft {
  const one = draft();
  applyRules(
    [{ uuid: 'r', priority: 0, sensitive: false, conditions, actions: actions.map(translatedAction) }],
    one,
    inventory,
  );
  return one;
}
const fits = (conditions: Rule['conditions']) =>
  run(conditions, [{ action: 'add-trait', name: 'CUSTOM_FITS' }]).traits.has('CUSTOM_FITS');

test.each<[Condition, boolean]>([
  [{ op: 'eq', field: 'inventory.cpu.count', value: 8 }, true],
  [{ op: 'eq', field: 'data://inventory.cpu.count', value: 9 }, false],
  [{ op: 'eq', field: '$.inventory.cpu.architecture', value: 'x86_64' }, true],
  [{ op: 'ne', field: "inventory['cpu']['count']", value: 8 }, false],
  [{ op: 'eq', field: 'inventory.cpu.count', value: 8, invert: true }, false],
  [{ op: 'ge', field: 'memory_mb', value: 4096 }, true],
  [{ op: 'lt', field: 'memory_mb', value: 4096 }, false],
  [{ op: 'in-net', field: 'inventory.bmc_address', value: '10.0.0.0/8' }, true],
  [{ op: 'in-net', field: 'inventory.bmc_address', value: '10.0.0.0/8', invert: true }, false],
  [{ op: 'matches', field: 'node://driver', value: 'red' }, false],
  [{ op: 'matches', field: 'node://driver', value: 'red.*' }, true],
  [{ op: 'contains', field: 'node://driver', value: 'fish' }, true],
  [{ op: 'is-empty', field: 'node://driver_info.ipmi_address' }, true],
  [{ op: 'is-empty', field: 'node://driver', invert: true }, true],
  [{ op: 'gt', field: 'inventory.disks[*].size', value: 200 }, true],
  [{ op: 'gt', field: 'inventory.disks[*].size', value: 200, multiple: 'all' }, false],
  [{ op: 'gt', field: 'inventory.disks[*].size', value: 200, multiple: 'first' }, false],
  [{ op: 'gt', field: 'inventory.disks[1].size', value: 200 }, true],
  [{ op: 'eq', field: 'interfaces.eth0.mac', value: '52:54:00:00:00:01' }, true],
  [{ op: 'eq', field: 'all_interfaces.*.mac', value: '52:54:00:00:00:01' }, true],
  [{ op: 'eq', field: 'interfaces.*.pxe', value: true, multiple: 'all' }, true],
  [{ op: 'eq', field: 'node://name', value: null }, true],
  // What is not there fits nothing, inverted or not.
  [{ op: 'eq', field: 'inventory.gpu', value: 1, invert: true }, false],
  [{ op: 'eq', field: 'inventory.interfaces[*].name', value: 'x', multiple: 'all' }, false],
])('%o holds: %s', (condition, holds) => {
  expect(fits(translatedCondition(condition, 0))).toBe(holds);
});

test('a scope asks for the property of that name', () => {
  expect([fits([scopeCondition('east')]), fits([scopeCondition('west')])]).toEqual([true, false]);
});

test('actions change the node, with what was found filled in at any depth', () => {
  const { node, traits } = run(
    [],
    [
      { action: 'set-attribute', path: '/driver_info/ipmi_address', value: '{data[inventory][bmc_address]}' },
      { action: 'set-attribute', path: 'extra/found', value: [{ of: 'M{data[memory_mb]}' }] },
      { action: 'extend-attribute', path: '/extra/seen', value: 'a', unique: true },
      { action: 'extend-attribute', path: '/extra/seen', value: 'a', unique: true },
      { action: 'set-capability', name: 'mac', value: '{data[all_interfaces][eth0][mac]}' },
      { action: 'remove-trait', name: 'CUSTOM_OLD' },
    ],
  );
  expect(node).toMatchObject({
    driver_info: { ipmi_address: '10.1.2.3' },
    extra: { found: [{ of: 'M4096' }], seen: ['a'] },
    properties: { capabilities: 'mac:52:54:00:00:00:01' },
  });
  expect(traits.size).toBe(0);
  expect(() => run([], [{ action: 'fail', message: 'too old' }])).toThrow('too old');
});

test.each<[Condition, RegExp]>([
  [{ op: 'odd', field: 'a' }, /conditions\[3\]\.op "odd" is none of eq, ne/],
  [{ op: 'eq', field: 'a' }, /conditions\[3\]\.value is missing/],
  [{ op: 'eq', field: 'a', value: 1, colour: 'red' }, /conditions\[3\]\.colour/],
  [{ op: 'eq', field: 'http://a', value: 1 }, /conditions\[3\]\.field begins with http/],
  [{ op: 'eq', field: 'a..b', value: 1 }, /conditions\[3\]\.field "a\.\.b" cannot be translated/],
  [{ op: 'eq', field: 'a[?(@.b)]', value: 1 }, /conditions\[3\]\.field/],
  [{ op: 'eq', field: 'a[*].b[*]', value: 1 }, /conditions\[3\]\.field has more than one \*/],
  [{ op: 'eq', field: 'a["b.c"]', value: 1 }, /conditions\[3\]\.field has the name "b\.c"/],
  [{ op: 'eq', field: 'interfaces.eth0.lldp_processed.x', value: 1 }, /conditions\[3\]\.field "lldp_processed\.x"/],
  [{ op: 'eq', field: '', value: 1 }, /conditions\[3\]\.field is empty/],
  [{ op: 'is-empty', field: 'a[*].b' }, /conditions\[3\]\.field names each of a list/],
  [{ op: 'lt', field: 'a', value: '8' }, /conditions\[3\]\.value must be a number/],
  [{ op: 'in-net', field: 'a', value: 'net' }, /conditions\[3\]\.value must be a network/],
  [{ op: 'matches', field: 'a', value: '(' }, /conditions\[3\]\.value "\(" is no regular expression/],
])('the condition %o is refused by name', (condition, reason) => {
  expect(() => translatedCondition(condition, 3)).toThrow(reason);
});

test.each<[Action, RegExp]>([
  [{ action: 'explode' }, /actions\[1\]\.action "explode" is none of fail/],
  [{ action: 'fail' }, /actions\[1\]\.message is missing/],
  [{ action: 'set-attribute', path: '/a', value: 1, unique: true }, /actions\[1\]\.unique is not known/],
  [{ action: 'set-attribute', path: '/a.b', value: 1 }, /actions\[1\]\.path/],
  [
    { action: 'set-attribute', path: '/a', value: { b: ['{node.c}'] } },
    /actions\[1\]\.value\.b\[0\] has the brace "\{"/,
  ],
  [{ action: 'set-attribute', path: '/a', value: '{data[a]:>5}' }, /actions\[1\]\.value has the brace/],
])('the action %o is refused by name', (action, reason) => {
  expect(() => translatedAction(action, 1)).toThrow(reason);
});
