// Builds indexes and queries for tests, without a database.
import { createHash } from 'node:crypto';
import type { CandidateQuery, RequestGroup } from '../candidate/index.ts';
import { type Inventory, largestAmount, type Provider } from '../provider/provider.ts';
import { ProviderIndex } from '../provider-index/index.ts';

export interface PlantedProvider {
  readonly name: string;
  /** Name of a provider planted before. */
  readonly parent?: string;
  readonly inventory: Readonly<Record<string, { readonly total: number } & Partial<Inventory>>>;
  readonly traits?: readonly string[];
  readonly aggregates?: readonly string[];
}

/** Providers in the order given; their uuids follow from their names. */
export function plant(planted: readonly PlantedProvider[]): Provider[] {
  const byName = new Map<string, Provider>();
  for (const [at, one] of planted.entries()) {
    const id = at + 1;
    const parent = one.parent === undefined ? undefined : byName.get(one.parent);
    const inventories = new Map(
      Object.entries(one.inventory).map(([name, given]) => [
        name,
        { reserved: 0, minUnit: 1, maxUnit: largestAmount, stepSize: 1, allocationRatio: 1, used: 0, ...given },
      ]),
    );
    byName.set(one.name, {
      id,
      uuid: uuidOf(one.name),
      name: one.name,
      generation: 0,
      parentId: parent?.id ?? null,
      rootId: parent?.rootId ?? id,
      inventories,
      traits: new Set(one.traits),
      aggregates: new Set(one.aggregates),
      updatedAt: 0,
    });
  }
  return [...byName.values()];
}

export function forest(planted: readonly PlantedProvider[]): ProviderIndex {
  const index = new ProviderIndex();
  index.apply({ snapshot: '', changed: plant(planted), gone: [] });
  return index;
}

export function group(
  suffix: string,
  resources: Readonly<Record<string, number>>,
  more: Partial<RequestGroup> = {},
): RequestGroup {
  return {
    suffix,
    resources: new Map(Object.entries(resources)),
    required: [],
    forbidden: new Set(),
    memberOf: [],
    notMemberOf: new Set(),
    ...more,
  };
}

export function query(groups: readonly RequestGroup[], more: Partial<CandidateQuery> = {}): CandidateQuery {
  return {
    groups,
    groupPolicy: 'none',
    rootRequired: new Set(),
    rootForbidden: new Set(),
    sameSubtrees: [],
    nested: true,
    ...more,
  };
}

function uuidOf(name: string): string {
  return createHash('sha256')
    .update(name)
    .digest('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5');
}
