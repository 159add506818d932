// What the rest of the program relies on: providers, candidates, claims.
import { randomUUID } from 'node:crypto';
import { afterAll, describe, expect, test } from 'vitest';
import { testDatabase } from '../database/testing/index.ts';
import { createPlacement } from './index.ts';

const { database, drop } = await testDatabase();
const placement = createPlacement({ database });
afterAll(async () => {
  placement.close();
  await drop();
});
const inTransaction = <Value>(work: Parameters<ReturnType<typeof database.transaction>['execute']>[0]) =>
  database.transaction().execute(work) as Promise<Value>;

async function node(options: { traits?: string[]; total?: number; reserved?: number; parent?: string } = {}) {
  const uuid = randomUUID();
  await database.transaction().execute(async (tx) => {
    await placement.ensureProvider(tx, {
      uuid,
      name: `node-${uuid}`,
      ...(options.parent ? { parent: options.parent } : {}),
    });
    await placement.setInventory(tx, uuid, {
      CUSTOM_BAREMETAL: { total: options.total ?? 1, reserved: options.reserved ?? 0 },
    });
    await placement.setTraits(tx, uuid, options.traits ?? []);
  });
  return uuid;
}
const claimOf = (provider: string, used = 1) => ({
  consumerUuid: randomUUID(),
  projectId: 'p',
  userId: 'u',
  consumerType: 'INSTANCE',
  allocations: [{ provider, resourceClass: 'CUSTOM_BAREMETAL', used }],
});

describe('placement', () => {
  test('offers a node by its class and traits, and not once it is claimed', async () => {
    const gold = await node({ traits: ['CUSTOM_GOLD', 'HW_CPU_X86_VMX'] });
    const plain = await node();
    const request = { resources: { CUSTOM_BAREMETAL: 1 }, requiredTraits: ['CUSTOM_GOLD'] };
    expect(await placement.candidates(request)).toEqual([
      { providerUuid: gold, allocations: [{ provider: gold, resourceClass: 'CUSTOM_BAREMETAL', used: 1 }] },
    ]);
    const others = await placement.candidates({
      resources: { CUSTOM_BAREMETAL: 1 },
      forbiddenTraits: ['CUSTOM_GOLD'],
      inTree: plain,
    });
    expect(others.map((one) => one.providerUuid)).toEqual([plain]);
    const claim = claimOf(gold);
    expect(await inTransaction((tx) => placement.claim(tx, claim))).toEqual({ claimed: true });
    expect(await placement.candidates(request)).toEqual([]);
    expect(await inTransaction((tx) => placement.release(tx, claim.consumerUuid))).toBe(true);
    expect(await placement.candidates(request)).toHaveLength(1);
    expect(await inTransaction((tx) => placement.release(tx, claim.consumerUuid))).toBe(false);
  });

  test('refuses a claim beyond the capacity with the numbers, and the transaction can go on', async () => {
    const full = await node();
    const free = await node();
    await inTransaction((tx) => placement.claim(tx, claimOf(full)));
    await database.transaction().execute(async (tx) => {
      const verdict = await placement.claim(tx, claimOf(full));
      expect(verdict).toMatchObject({
        claimed: false,
        refusal: { outcome: 'capacity', provider: full, wanted: 1, used: 1, total: 1, reserved: 0 },
      });
      expect(await placement.claim(tx, claimOf(free))).toEqual({ claimed: true });
    });
  });

  test('refuses a second claim of the same consumer and a claim on an unknown provider', async () => {
    const uuid = await node({ total: 5 });
    const claim = claimOf(uuid);
    await inTransaction((tx) => placement.claim(tx, claim));
    expect(await inTransaction((tx) => placement.claim(tx, claim))).toMatchObject({
      refusal: { outcome: 'consumer_generation', expected: 1, got: null },
    });
    expect(await inTransaction((tx) => placement.claim(tx, claimOf(randomUUID())))).toMatchObject({
      refusal: { outcome: 'provider' },
    });
  });

  test('does not offer a node that is reserved, and keeps one that is in use from being removed', async () => {
    const reserved = await node({ reserved: 1 });
    expect(await placement.candidates({ resources: { CUSTOM_BAREMETAL: 1 }, inTree: reserved })).toEqual([]);
    const used = await node();
    await inTransaction((tx) => placement.claim(tx, claimOf(used)));
    await expect(inTransaction((tx) => placement.removeProvider(tx, used))).rejects.toThrow(/has allocations/);
    await expect(inTransaction((tx) => placement.setInventory(tx, used, {}))).rejects.toThrow(/in use/);
    await inTransaction((tx) => placement.removeProvider(tx, reserved));
    await inTransaction((tx) => placement.removeProvider(tx, reserved));
  });

  test('moves a provider below another parent and follows the new tree', async () => {
    const parent = await node({ total: 3 });
    const child = await node({ total: 3, parent });
    expect(await placement.candidates({ resources: { CUSTOM_BAREMETAL: 1 }, inTree: parent })).toHaveLength(2);
    await inTransaction((tx) => placement.ensureProvider(tx, { uuid: child, name: 'alone' }));
    expect(await placement.candidates({ resources: { CUSTOM_BAREMETAL: 1 }, inTree: parent })).toHaveLength(1);
    const [own] = await placement.candidates({ resources: { CUSTOM_BAREMETAL: 1 }, inTree: child });
    expect(own?.providerUuid).toBe(child);
  });

  test('names an unknown standard trait', async () => {
    const uuid = await node();
    await expect(inTransaction((tx) => placement.setTraits(tx, uuid, ['HW_NONSENSE']))).rejects.toThrow(/HW_NONSENSE/);
  });

  test('never overcommits when fifty clients claim at once', async () => {
    const uuid = await node({ total: 20 });
    const verdicts = await Promise.all(
      Array.from({ length: 50 }, () => database.transaction().execute((tx) => placement.claim(tx, claimOf(uuid)))),
    );
    expect(verdicts.filter((verdict) => verdict.claimed)).toHaveLength(20);
  });
});
