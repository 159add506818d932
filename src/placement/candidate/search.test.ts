// The search finds what a search by brute force finds, fairly and within its bounds.
import { describe, expect, test } from 'vitest';
import { compareCase } from '../testing/compare.ts';
import { forest, group, query } from '../testing/index.ts';
import { Findings, searchCandidates } from './index.ts';

const bounds = { maxCandidates: 100_000, maxEffort: 10_000_000 };

describe('the search for candidates', () => {
  test('finds the same set as brute force on 1,500 random forests', async () => {
    let candidates = 0;
    for (let seed = 1; seed <= 1500; seed++) {
      const compared = await compareCase(seed);
      expect(compared.difference).toBeUndefined();
      candidates += compared.candidates;
    }
    // Otherwise the forests are too poor to prove anything.
    expect(candidates).toBeGreaterThan(3000);
  });

  test('spreads a limit over trees: one candidate of each before a second of any', async () => {
    const pairs = Array.from({ length: 10 }, (_, at) => [
      { name: `host${at}`, inventory: {} },
      { name: `a${at}`, parent: `host${at}`, inventory: { VCPU: { total: 4 } } },
      { name: `b${at}`, parent: `host${at}`, inventory: { VCPU: { total: 4 } } },
    ]);
    const index = forest(pairs.flat());
    const found = await searchCandidates(index, query([group('1', { VCPU: 1 })], { limit: 10 }), bounds);
    expect(new Set(found.candidates.map((candidate) => candidate.tree)).size).toBe(10);
    const more = await searchCandidates(index, query([group('1', { VCPU: 1 })], { limit: 14 }), bounds);
    expect(more.candidates).toHaveLength(14);
    expect(more.cutBy).toBeUndefined();
  });

  test('answers a limit on a request of 262,144 candidates without making them', async () => {
    const index = explosive();
    const effort = { maxCandidates: 100_000, maxEffort: 1000 };
    const found = await searchCandidates(index, query(sixGroups(), { limit: 10 }), effort);
    expect([found.candidates.length, found.cutBy]).toEqual([10, undefined]);
  });

  test('cuts a request of 262,144 candidates at the bound and says so', async () => {
    const found = await searchCandidates(explosive(), query(sixGroups()), { maxCandidates: 5000, maxEffort: 1e7 });
    expect([found.candidates.length, found.cutBy]).toEqual([5000, 'candidates']);
  });

  test('gives up a search that tries for ever and finds nothing', async () => {
    const index = forest([
      { name: 'host', inventory: {} },
      ...Array.from({ length: 7 }, (_, at) => ({
        name: `pf${at}`,
        parent: 'host',
        inventory: { SRIOV_NET_VF: { total: 8 } },
      })),
    ]);
    const groups = Array.from({ length: 12 }, (_, at) => group(`${at}`, { SRIOV_NET_VF: 1 }));
    const found = await searchCandidates(index, query(groups, { groupPolicy: 'isolate' }), {
      maxCandidates: 10,
      maxEffort: 5000,
    });
    expect([found.candidates.length, found.cutBy]).toEqual([0, 'effort']);
  });

  test('remembers nothing of a tree that has changed', async () => {
    const index = forest([{ name: 'one', inventory: { VCPU: { total: 4 } } }]);
    const findings = new Findings();
    const ask = async () =>
      (await searchCandidates(index, query([group('', { VCPU: 4 })]), bounds, findings)).candidates.length;
    expect(await ask()).toBe(1);
    const [provider] = [...index.providers()];
    if (!provider) throw new Error('no provider');
    const vcpu = provider.inventories.get('VCPU');
    if (!vcpu) throw new Error('no inventory');
    const inventories = new Map([['VCPU', { ...vcpu, used: 1 }]]);
    index.apply({ snapshot: '', changed: [{ ...provider, inventories }], gone: [] });
    expect(await ask()).toBe(0);
    index.apply({ snapshot: '', changed: [provider], gone: [] });
    expect(await ask()).toBe(1);
  });
});

/** Eight providers that can each serve each of six groups: 8 ^ 6 candidates. */
function explosive() {
  return forest([
    { name: 'host', inventory: {} },
    ...Array.from({ length: 8 }, (_, at) => ({
      name: `pf${at}`,
      parent: 'host',
      inventory: { SRIOV_NET_VF: { total: 8 } },
    })),
  ]);
}

function sixGroups() {
  return Array.from({ length: 6 }, (_, at) => group(`${at + 1}`, { SRIOV_NET_VF: 1 }));
}
