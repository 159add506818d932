// Random requests to Placement, good and bad, over a small world of fixed names, so that two servers can be asked the same.
import { seededRandom } from '../../../src/openstack/testing/random.ts';

export interface Asked {
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  readonly path: string;
  /** Microversion, `1.x`; absent: none is sent. */
  readonly version: string | undefined;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What the writer of a conversation may look up: generations as the servers have them now. */
export interface World {
  providerGeneration(uuid: string): Promise<number | null>;
  consumerGeneration(uuid: string): Promise<number | null>;
}

const uuids = (kind: string, count: number) =>
  Array.from({ length: count }, (_, at) => `${kind}0000000-0000-4000-8000-${String(at).padStart(12, '0')}`);
export const providers = uuids('a', 10);
const aggregates = uuids('b', 4);
export const consumers = uuids('c', 6);
const classes = ['VCPU', 'MEMORY_MB', 'DISK_GB', 'SRIOV_NET_VF', 'CUSTOM_GOLD', 'CUSTOM_SILVER'];
const traits = ['HW_CPU_X86_AVX2', 'STORAGE_DISK_SSD', 'MISC_SHARES_VIA_AGGREGATE', 'CUSTOM_ONE', 'CUSTOM_TWO'];
const people = ['p-one', 'p-two'];
const oddities: readonly unknown[] = [
  null,
  '',
  -1,
  0,
  1.5,
  '1',
  true,
  [],
  {},
  ['x'],
  'ü',
  'x'.repeat(300),
  2 ** 31,
  'custom_low',
];

type Body = Record<string, unknown>;

/** A conversation of the given seed: each call yields the next request. */
export function conversation(seed: number, world: World): () => Promise<Asked> {
  const next = seededRandom(seed);
  const chance = (share: number) => next() < share;
  const upTo = (count: number) => Math.floor(next() * count);
  const one = <T>(of: readonly T[]): T => {
    const chosen = of[upTo(of.length)];
    if (chosen === undefined) throw new Error('nothing to choose from');
    return chosen;
  };
  const some = <T>(of: readonly T[], most = 3): T[] => [
    ...new Set(Array.from({ length: upTo(most + 1) }, () => one(of))),
  ];
  const version = () => (chance(0.6) ? '1.39' : chance(0.02) ? '1.40' : `1.${upTo(40)}`);
  const minor = (text: string) => Number(text.slice(2));

  const providerGeneration = async (uuid: string) => {
    const now = (await world.providerGeneration(uuid)) ?? 0;
    return chance(0.08) ? now + 1 : now;
  };
  const inventory = (): Body => ({
    total: one([1, 4, 16, 100]),
    ...(chance(0.5) ? { reserved: one([0, 1, 4]) } : {}),
    ...(chance(0.4) ? { allocation_ratio: one([0.5, 1, 1.0, 2.5, 16]) } : {}),
    ...(chance(0.3) ? { min_unit: one([1, 2]) } : {}),
    ...(chance(0.3) ? { max_unit: one([1, 4, 100]) } : {}),
    ...(chance(0.3) ? { step_size: one([1, 2, 5]) } : {}),
  });
  const inventories = (): Body => Object.fromEntries(some(classes, 4).map((name) => [name, inventory()]));
  const resources = (): Body => Object.fromEntries(some(classes, 2).map((name) => [name, one([1, 2, 4, 50])]));

  const allocationsOf = async (consumer: string, at: string): Promise<Body> => {
    const chosen = some(providers, 2);
    const list = minor(at) < 12;
    return {
      allocations: list
        ? chosen.map((uuid) => ({ resource_provider: { uuid }, resources: resources() }))
        : Object.fromEntries(chosen.map((uuid) => [uuid, { resources: resources() }])),
      ...(minor(at) >= 8 ? { project_id: one(people), user_id: one(people) } : {}),
      ...(minor(at) >= 28 ? { consumer_generation: chance(0.1) ? 7 : await world.consumerGeneration(consumer) } : {}),
      ...(minor(at) >= 38 ? { consumer_type: one(['INSTANCE', 'MIGRATION', 'unknown']) } : {}),
    };
  };

  const group = () => one(['', '', '1', '2', '_NET']);
  const quantities = () =>
    Object.entries(resources())
      .map(([name, amount]) => `${name}:${amount}`)
      .join(',') || 'VCPU:1';
  const wantedTraits = () =>
    one([one(traits), `!${one(traits)}`, `in:${one(traits)},${one(traits)}`, `${one(traits)},!${one(traits)}`]);
  const wantedAggregates = () =>
    one([
      one(aggregates),
      `in:${one(aggregates)},${one(aggregates)}`,
      `!${one(aggregates)}`,
      `!in:${one(aggregates)},${one(aggregates)}`,
    ]);
  const question = (): string => {
    const parts = [`resources=${quantities()}`];
    const add: readonly (() => string)[] = [
      () => `resources${group()}=${quantities()}`,
      () => `required${group()}=${wantedTraits()}`,
      () => `required${group()}=${wantedTraits()}`,
      () => `member_of${group()}=${wantedAggregates()}`,
      () => `in_tree${group()}=${one(providers)}`,
      () => `group_policy=${one(['none', 'isolate', 'isolate', 'odd'])}`,
      () => `same_subtree=_NET,${one(['1', '2', '_NET', '_X'])}`,
      () => `root_required=${one([one(traits), `!${one(traits)}`])}`,
      () => `${one(['limit', 'name', 'uuid', 'resource'])}=${one(['1', '0', 'x'])}`,
    ];
    for (let left = upTo(5); left > 0; left--) parts.push(one(add.slice(0, chance(0.15) ? 9 : 8))());
    return [...new Set(parts)].join('&');
  };
  const providerQuestion = (): string => {
    const add: readonly (() => string)[] = [
      () => `name=provider-${upTo(10)}`,
      () => `uuid=${one(providers)}`,
      () => `member_of=${wantedAggregates()}`,
      () => `resources=${quantities()}`,
      () => `in_tree=${one(providers)}`,
      () => `required=${wantedTraits()}`,
      () => `odd=1`,
    ];
    return some(add, 3)
      .map((make) => make())
      .join('&');
  };

  type Make = (at: string) => Promise<Omit<Asked, 'version'>> | Omit<Asked, 'version'>;
  const provider = () => `/resource_providers/${one(providers)}`;
  const makers: readonly (readonly [weight: number, make: Make])[] = [
    [
      8,
      () => {
        const at = upTo(providers.length);
        const parent = chance(0.5) ? { parent_provider_uuid: chance(0.1) ? null : one(providers) } : {};
        return {
          method: 'POST',
          path: '/resource_providers',
          body: { name: `provider-${at}`, uuid: providers[at], ...parent },
        };
      },
    ],
    [
      3,
      (at) => {
        const chosen = upTo(providers.length);
        const parent =
          minor(at) >= 14 && chance(0.6) ? { parent_provider_uuid: chance(0.3) ? null : one(providers) } : {};
        return {
          method: 'PUT',
          path: `/resource_providers/${providers[chosen]}`,
          body: { name: `provider-${chosen}`, ...parent },
        };
      },
    ],
    [2, () => ({ method: 'DELETE', path: provider() })],
    [4, () => ({ method: 'GET', path: provider() })],
    [5, () => ({ method: 'GET', path: `/resource_providers?${providerQuestion()}` })],
    [
      8,
      async () => {
        const uuid = one(providers);
        return {
          method: 'PUT',
          path: `/resource_providers/${uuid}/inventories`,
          body: { resource_provider_generation: await providerGeneration(uuid), inventories: inventories() },
        };
      },
    ],
    [
      3,
      async () => {
        const uuid = one(providers);
        return {
          method: 'PUT',
          path: `/resource_providers/${uuid}/inventories/${one(classes)}`,
          body: { resource_provider_generation: await providerGeneration(uuid), ...inventory() },
        };
      },
    ],
    [
      2,
      () => ({
        method: 'POST',
        path: `${provider()}/inventories`,
        body: { resource_class: one(classes), ...inventory() },
      }),
    ],
    [1, () => ({ method: 'DELETE', path: `${provider()}/inventories` })],
    [1, () => ({ method: 'DELETE', path: `${provider()}/inventories/${one(classes)}` })],
    [
      4,
      () => ({
        method: 'GET',
        path: `${provider()}/${one(['inventories', `inventories/${one(classes)}`, 'usages', 'traits', 'aggregates', 'allocations'])}`,
      }),
    ],
    [
      5,
      async () => {
        const uuid = one(providers);
        return {
          method: 'PUT',
          path: `/resource_providers/${uuid}/traits`,
          body: { resource_provider_generation: await providerGeneration(uuid), traits: some(traits) },
        };
      },
    ],
    [1, () => ({ method: 'DELETE', path: `${provider()}/traits` })],
    [
      5,
      async (at) => {
        const uuid = one(providers);
        const body =
          minor(at) >= 19
            ? { resource_provider_generation: await providerGeneration(uuid), aggregates: some(aggregates) }
            : some(aggregates);
        return { method: 'PUT', path: `/resource_providers/${uuid}/aggregates`, body };
      },
    ],
    [
      2,
      () => ({
        method: one(['PUT', 'GET', 'DELETE']),
        path: `/traits/${one([...traits, 'CUSTOM_NEW', 'custom_bad'])}`,
      }),
    ],
    [
      1,
      () => ({
        method: 'GET',
        path: `/traits?${one(['name=startswith:CUSTOM', 'name=in:CUSTOM_ONE,HW_X', 'associated=true', 'associated=odd', 'name=odd', 'odd=1'])}`,
      }),
    ],
    [
      2,
      () => ({
        method: one(['PUT', 'GET', 'DELETE']),
        path: `/resource_classes/${one([...classes, 'CUSTOM_NEW', 'custom_bad'])}`,
      }),
    ],
    [
      1,
      () => ({
        method: 'POST',
        path: '/resource_classes',
        body: { name: one(['CUSTOM_NEW', 'CUSTOM_GOLD', 'VCPU', 'bad']) },
      }),
    ],
    [
      10,
      async (at) => {
        const consumer = one(consumers);
        return { method: 'PUT', path: `/allocations/${consumer}`, body: await allocationsOf(consumer, at) };
      },
    ],
    [
      4,
      async (at) => {
        const body: Body = {};
        const shape = minor(at) < 12 ? '1.12' : at;
        for (const consumer of some(consumers, 2)) body[consumer] = await allocationsOf(consumer, shape);
        return { method: 'POST', path: '/allocations', body };
      },
    ],
    [3, () => ({ method: 'DELETE', path: `/allocations/${one(consumers)}` })],
    [3, () => ({ method: 'GET', path: `/allocations/${one(consumers)}` })],
    [
      2,
      () => ({
        method: 'GET',
        path: `/usages?${one([`project_id=${one(people)}`, `project_id=${one(people)}&user_id=${one(people)}`, `project_id=${one(people)}&consumer_type=${one(['INSTANCE', 'all', 'unknown', 'bad'])}`, ''])}`,
      }),
    ],
    [14, () => ({ method: 'GET', path: `/allocation_candidates?${question()}` })],
    [
      2,
      async (at) => {
        const moved: Body = {};
        for (const uuid of some(providers, 2))
          moved[uuid] = { resource_provider_generation: await providerGeneration(uuid), inventories: inventories() };
        const held: Body = {};
        for (const consumer of some(consumers, 1))
          held[consumer] = await allocationsOf(consumer, minor(at) < 28 ? '1.28' : at);
        return { method: 'POST', path: '/reshaper', body: { inventories: moved, allocations: held } };
      },
    ],
    [
      1,
      () => ({
        method: one(['GET', 'PUT', 'POST', 'DELETE']),
        path: one(['/', '/nothing', '/resource_providers', '/allocations', '/allocation_candidates', '/usages']),
      }),
    ],
  ];
  const weighted = makers.flatMap(([weight, make]) => Array.from({ length: weight }, () => make));
  const chosenMaker = () => one(weighted);

  /** One value of the body is replaced, taken away or given a neighbour that nobody knows. */
  const spoil = (value: unknown): unknown => {
    if (Array.isArray(value)) {
      if (value.length === 0 || chance(0.3)) return one(oddities);
      const at = upTo(value.length);
      return value.map((member, index) => (index === at ? spoil(member) : member));
    }
    if (typeof value === 'object' && value !== null) {
      const entries = Object.entries(value);
      if (entries.length === 0 || chance(0.15)) return { ...value, odd: one(oddities) };
      const at = upTo(entries.length);
      if (chance(0.2)) return Object.fromEntries(entries.filter((_, index) => index !== at));
      return Object.fromEntries(entries.map(([key, member], index) => [key, index === at ? spoil(member) : member]));
    }
    return one(oddities);
  };

  return async () => {
    const at = version();
    const asked = await chosenMaker()(at);
    const spoiled = asked.body !== undefined && chance(0.2) ? { ...asked, body: spoil(asked.body) } : asked;
    // A uuid that the server chooses would differ.
    if (spoiled.path === '/resource_providers' && !JSON.stringify(spoiled.body ?? '').includes('"uuid":"a'))
      return { ...asked, version: at };
    return { ...spoiled, version: chance(0.02) ? undefined : at };
  };
}
