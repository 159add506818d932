// Each rule that can exclude a tree is named, with its numbers.
import { expect, test } from 'vitest';
import { forest, group, query } from '../testing/index.ts';
import { explainCandidates } from './index.ts';

const bare = { CUSTOM_BAREMETAL: { total: 1 } };

test('names the trees that serve and, for the others, the first rule that excluded them', async () => {
  const index = forest([
    { name: 'serves', inventory: bare, traits: ['CUSTOM_GOLD'] },
    { name: 'other-class', inventory: { VCPU: { total: 4 } } },
    { name: 'taken', inventory: { CUSTOM_BAREMETAL: { total: 1, used: 1 } }, traits: ['CUSTOM_GOLD'] },
    { name: 'reserved', inventory: { CUSTOM_BAREMETAL: { total: 1, reserved: 1 } }, traits: ['CUSTOM_GOLD'] },
    { name: 'plain', inventory: bare },
    { name: 'broken', inventory: bare, traits: ['CUSTOM_GOLD', 'CUSTOM_BROKEN'] },
  ]);
  const explained = await explainCandidates(
    index,
    query([
      group(
        '',
        { CUSTOM_BAREMETAL: 1 },
        { required: [new Set(['CUSTOM_GOLD'])], forbidden: new Set(['CUSTOM_BROKEN']) },
      ),
    ]),
  );
  expect(explained.serving.map((one) => one.name)).toEqual(['serves']);
  expect(Object.fromEntries(explained.excluded.map((one) => [one.name, one.rule]))).toEqual({
    'other-class': 'inventory',
    taken: 'capacity',
    reserved: 'capacity',
    plain: 'required_trait',
    broken: 'forbidden_trait',
  });
  expect(explained.excluded_by).toEqual({ inventory: 1, capacity: 2, required_trait: 1, forbidden_trait: 1 });
  expect(explained.excluded.find((one) => one.name === 'taken')).toMatchObject({
    numbers: { requested: 1, free: 0, used: 1, total: 1, reserved: 0 },
    reason: '1 CUSTOM_BAREMETAL asked, 0 free (total 1, reserved 0, used 1)',
  });
  expect(explained.excluded.find((one) => one.name === 'plain')?.missing).toEqual(['CUSTOM_GOLD']);
});

test('puts the tree that lacked least first among the nearest misses', async () => {
  const index = forest([
    { name: 'far', inventory: { VCPU: { total: 10, used: 9 } } },
    { name: 'near', inventory: { VCPU: { total: 10, used: 3 } } },
  ]);
  const explained = await explainCandidates(index, query([group('', { VCPU: 8 })]));
  expect(explained.nearest.map((one) => one.name)).toEqual(['near', 'far']);
});

test('tells units, aggregates, trees and root traits apart', async () => {
  const index = forest([
    { name: 'steps', inventory: { VCPU: { total: 8, stepSize: 4 } }, traits: ['CUSTOM_A'] },
    { name: 'outside', inventory: { VCPU: { total: 8 } }, traits: ['CUSTOM_A'] },
    { name: 'rootless', inventory: { VCPU: { total: 8 } } },
  ]);
  const explained = await explainCandidates(
    index,
    query([group('', { VCPU: 2 }, { memberOf: [new Set(['agg'])] })], { rootRequired: new Set(['CUSTOM_A']) }),
  );
  expect(explained.excluded.map((one) => one.rule)).toEqual(['units', 'aggregate', 'root_trait']);
  const other = index.byUuid(explained.excluded[1]?.root_provider_uuid ?? '');
  const bound = await explainCandidates(index, query([group('', { VCPU: 2 }, { inTree: other?.uuid ?? '' })]));
  expect(bound.serving.map((one) => one.name)).toEqual(['outside']);
  expect(bound.excluded.map((one) => one.rule)).toEqual(['units', 'tree']);
});

test('names the rule between groups that each find providers', async () => {
  const single = forest([{ name: 'one', inventory: { VCPU: { total: 8 } } }]);
  const isolated = query([group('1', { VCPU: 1 }), group('2', { VCPU: 1 })], { groupPolicy: 'isolate' });
  expect((await explainCandidates(single, isolated)).excluded[0]?.rule).toBe('group_policy');
  const together = query([group('1', { VCPU: 5 }), group('2', { VCPU: 5 })]);
  expect((await explainCandidates(single, together)).excluded[0]?.rule).toBe('capacity');
  const numa = forest([
    { name: 'host', inventory: {} },
    { name: 'numa0', parent: 'host', inventory: { VCPU: { total: 8 } } },
    { name: 'numa1', parent: 'host', inventory: {} },
    { name: 'fpga', parent: 'numa1', inventory: { FPGA: { total: 1 } } },
  ]);
  const tied = query([group('1', { VCPU: 1 }), group('2', { FPGA: 1 })], { sameSubtrees: [new Set(['1', '2'])] });
  expect((await explainCandidates(numa, tied)).excluded[0]?.rule).toBe('same_subtree');
});
