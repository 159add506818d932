// Small random forests and requests, the same for the same seed.

import { seededRandom } from '../../openstack/testing/random.ts';
import type { CandidateQuery, RequestGroup } from '../candidate/index.ts';
import type { Provider } from '../provider/provider.ts';
import { group, type PlantedProvider, plant, query } from './index.ts';

const classes = ['VCPU', 'MEMORY_MB', 'FPGA'] as const;
const traits = ['CUSTOM_A', 'CUSTOM_B', 'CUSTOM_C'] as const;
const aggregates = ['agg1', 'agg2'] as const;

export function randomCase(seed: number): { providers: Provider[]; query: CandidateQuery } {
  const next = seededRandom(seed);
  const upTo = (bound: number) => Math.floor(next() * bound);
  const some = <Item>(items: readonly Item[], chance: number) => items.filter(() => next() < chance);
  const sharing = next() < 0.5;

  const planted: PlantedProvider[] = [];
  const count = 1 + upTo(7);
  for (let at = 0; at < count; at++) {
    const above = at > 0 && next() < 0.75 ? planted[upTo(at)]?.name : undefined;
    const inventory = Object.fromEntries(
      some(classes, 0.75).map((name) => [
        name,
        {
          total: 2 + upTo(7),
          reserved: upTo(2),
          minUnit: next() < 0.8 ? 1 : 2,
          maxUnit: 2 + upTo(5),
          stepSize: next() < 0.85 ? 1 : 2,
          allocationRatio: next() < 0.8 ? 1 : 1.5,
          used: upTo(3),
        },
      ]),
    );
    planted.push({
      name: `p${at}`,
      ...(above === undefined ? {} : { parent: above }),
      inventory,
      traits: [...some(traits, 0.5), ...(sharing && next() < 0.3 ? ['MISC_SHARES_VIA_AGGREGATE'] : [])],
      aggregates: some(aggregates, 0.35),
    });
  }
  const providers = plant(planted);

  const suffixes = next() < 0.8 ? ['', ...['1', '2'].slice(0, upTo(3))] : ['1', '2', '3'].slice(0, 1 + upTo(3));
  const tied = suffixes.filter((suffix) => suffix !== '');
  const subtree = tied.length > 1 && next() < 0.4;
  const groups: RequestGroup[] = suffixes.map((suffix) => {
    const wanted = some(classes, 0.4);
    const names = wanted.length > 0 ? wanted : subtree && suffix === tied.at(-1) ? [] : [classes[upTo(3)] ?? 'VCPU'];
    const inTree = next() < 0.08 ? providers[upTo(providers.length)]?.uuid : undefined;
    return group(suffix, Object.fromEntries(names.map((name) => [name, 1 + upTo(2)])), {
      required: next() < 0.3 ? [new Set(some(traits, 0.5).slice(0, 2))].filter((any) => any.size > 0) : [],
      forbidden: new Set(next() < 0.15 ? some(traits, 0.3) : []),
      memberOf: next() < 0.12 ? [new Set(some(aggregates, 0.6))].filter((any) => any.size > 0) : [],
      notMemberOf: new Set(next() < 0.1 ? some(aggregates, 0.4) : []),
      ...(inTree === undefined ? {} : { inTree }),
    });
  });
  return {
    providers,
    query: query(groups, {
      groupPolicy: next() < 0.3 ? 'isolate' : 'none',
      rootRequired: new Set(next() < 0.1 ? some(traits, 0.4) : []),
      rootForbidden: new Set(next() < 0.1 ? some(traits, 0.3) : []),
      sameSubtrees: subtree ? [new Set(tied)] : [],
    }),
  };
}
