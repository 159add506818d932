// Finds the first rule that no provider of a tree passes, for one part of a request.
import { meets, meetsAll, type Slot } from '../candidate/index.ts';
import { capacity, type Inventory, type Provider } from '../provider/provider.ts';
import type { Tree } from '../provider-index/index.ts';
import type { CapacityNumbers, Exclusion } from './rules.ts';

export type Fault = Omit<Exclusion, 'root_provider_uuid' | 'name'>;

/** How far a rule lies on the way from nothing to served; within capacity the share that is there counts. */
const stages = {
  inventory: 0,
  units: 0.2,
  capacity: 0.3,
  forbidden_trait: 0.6,
  required_trait: 0.7,
  aggregate: 0.9,
  tree: 0.95,
};

/** Undefined when some provider passes all rules. `providers` are the tree's and those shared with it. */
export function slotFault(
  slot: Slot,
  tree: Tree,
  providers: readonly Provider[],
  inTreeRootId: number | undefined,
): Fault | undefined {
  const group = slot.group.suffix;
  let left = providers;
  for (const [name, amount] of slot.resources) {
    const having = left.filter((provider) => provider.inventories.has(name));
    if (having.length === 0) {
      const elsewhere = providers.some((provider) => provider.inventories.has(name));
      const reason = elsewhere
        ? `no provider that has the group's other resources has inventory of ${name}`
        : `no provider has inventory of ${name}`;
      return { rule: 'inventory', group, resource_class: name, reason, nearness: stages.inventory };
    }
    const measured = having.filter((provider) => unitsFit(inventoryOf(provider, name), amount));
    if (measured.length === 0) return unitsFault(group, name, amount, having);
    const roomy = measured.filter((provider) => free(inventoryOf(provider, name)) >= amount);
    if (roomy.length === 0) return capacityFault(group, name, amount, measured);
    left = roomy;
  }
  return traitFault(slot, left) ?? placeFault(slot, tree, allowed(slot, left), inTreeRootId);
}

const nothing: Inventory = { total: 0, reserved: 0, minUnit: 1, maxUnit: 0, stepSize: 1, allocationRatio: 1, used: 0 };

function inventoryOf(provider: Provider, name: string): Inventory {
  return provider.inventories.get(name) ?? nothing;
}

function free(inventory: Inventory): number {
  return Math.max(0, Math.floor(capacity(inventory)) - inventory.used);
}

function unitsFit({ minUnit, maxUnit, stepSize }: Inventory, amount: number): boolean {
  return amount >= minUnit && amount <= maxUnit && amount % stepSize === 0;
}

function roomiest(providers: readonly Provider[], name: string): Provider | undefined {
  return [...providers].sort((a, b) => free(inventoryOf(b, name)) - free(inventoryOf(a, name)))[0];
}

function numbersOf(inventory: Inventory, requested: number): CapacityNumbers {
  return {
    requested,
    free: free(inventory),
    used: inventory.used,
    total: inventory.total,
    reserved: inventory.reserved,
    allocation_ratio: inventory.allocationRatio,
    min_unit: inventory.minUnit,
    max_unit: inventory.maxUnit,
    step_size: inventory.stepSize,
  };
}

function unitsFault(group: string, name: string, amount: number, providers: readonly Provider[]): Fault {
  const best = roomiest(providers, name);
  const inventory = best ? inventoryOf(best, name) : nothing;
  const { minUnit, maxUnit, stepSize } = inventory;
  return {
    rule: 'units',
    group,
    resource_class: name,
    ...(best ? { provider_uuid: best.uuid } : {}),
    numbers: numbersOf(inventory, amount),
    reason: `${amount} ${name} is not between min_unit ${minUnit} and max_unit ${maxUnit} in steps of ${stepSize}`,
    nearness: stages.units,
  };
}

function capacityFault(group: string, name: string, amount: number, providers: readonly Provider[]): Fault {
  const best = roomiest(providers, name);
  const inventory = best ? inventoryOf(best, name) : nothing;
  const { used, total, reserved, allocationRatio } = inventory;
  const ratio = allocationRatio === 1 ? '' : ` at ratio ${allocationRatio}`;
  return {
    rule: 'capacity',
    group,
    resource_class: name,
    ...(best ? { provider_uuid: best.uuid } : {}),
    numbers: numbersOf(inventory, amount),
    reason: `${amount} ${name} asked, ${free(inventory)} free (total ${total}${ratio}, reserved ${reserved}, used ${used})`,
    nearness: stages.capacity + (0.3 * free(inventory)) / amount,
  };
}

/** Providers that the group's traits let through. Those of the group without a suffix need its required traits only together. */
function allowed({ group, resources }: Slot, providers: readonly Provider[]): readonly Provider[] {
  const alone = group.suffix !== '' || (resources.length === 1 && group.resources.size === 1);
  return providers.filter(
    (provider) => !meets(group.forbidden, provider.traits) && (!alone || meetsAll(group.required, provider.traits)),
  );
}

function traitFault(slot: Slot, providers: readonly Provider[]): Fault | undefined {
  const { group } = slot;
  const clean = providers.filter((provider) => !meets(group.forbidden, provider.traits));
  const [first] = providers;
  if (clean.length === 0 && first) {
    const forbidden = [...group.forbidden].filter((trait) => first.traits.has(trait));
    return {
      rule: 'forbidden_trait',
      group: group.suffix,
      provider_uuid: first.uuid,
      forbidden,
      reason: `every provider with the resources has a forbidden trait (${forbidden.join(', ')})`,
      nearness: stages.forbidden_trait,
    };
  }
  if (allowed(slot, providers).length > 0) return undefined;
  const missingOf = (provider: Provider) => group.required.filter((any) => !meets(any, provider.traits));
  const [best] = [...clean].sort((a, b) => missingOf(a).length - missingOf(b).length);
  const missing = best ? missingOf(best).map((any) => [...any].join(' or ')) : [];
  return {
    rule: 'required_trait',
    group: group.suffix,
    ...(best ? { provider_uuid: best.uuid } : {}),
    missing,
    reason: `no provider with the resources has the trait${missing.length > 1 ? 's' : ''} ${missing.join(', ')}`,
    nearness: stages.required_trait,
  };
}

function placeFault(
  { group }: Slot,
  tree: Tree,
  providers: readonly Provider[],
  inTreeRootId: number | undefined,
): Fault | undefined {
  const spanned = (provider: Provider) =>
    meetsAll(group.memberOf, provider.aggregates) ||
    (group.suffix === '' && provider.rootId === tree.root.id && meetsAll(group.memberOf, tree.root.aggregates));
  const kept = (provider: Provider) =>
    !meets(group.notMemberOf, provider.aggregates) &&
    (group.suffix !== '' || !meets(group.notMemberOf, tree.root.aggregates));
  const inside = providers.filter((provider) => spanned(provider) && kept(provider));
  const [first] = providers;
  if (inside.length === 0) {
    return {
      rule: 'aggregate',
      group: group.suffix,
      ...(first ? { provider_uuid: first.uuid } : {}),
      reason: providers.some(spanned)
        ? 'every provider with the resources and traits is in an aggregate that is excluded'
        : 'no provider with the resources and traits is in the aggregates asked for',
      nearness: stages.aggregate,
    };
  }
  if (inTreeRootId === undefined || inside.some((provider) => provider.rootId === inTreeRootId)) return undefined;
  return { rule: 'tree', group: group.suffix, reason: 'in_tree asks for another tree', nearness: stages.tree };
}
