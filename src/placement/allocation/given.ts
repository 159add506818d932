// Turns the bodies of allocation requests, in the forms of all microversions, into what is written.
import type { ConsumerAllocations } from '../store.ts';

type Resources = Readonly<Record<string, number>>;

/** From microversion 1.12 on; later versions have more of the optional parts. */
export interface GivenAllocations {
  readonly allocations: Readonly<Record<string, { readonly resources: Resources }>>;
  readonly project_id: string;
  readonly user_id: string;
  readonly consumer_generation?: number | null;
  readonly consumer_type?: string;
}

/** Up to microversion 1.11; without project and user up to 1.7. */
export interface ListedAllocations {
  readonly allocations: readonly {
    readonly resource_provider: { readonly uuid: string };
    readonly resources: Resources;
  }[];
  readonly project_id?: string;
  readonly user_id?: string;
}

export function toConsumers(given: Readonly<Record<string, GivenAllocations>>): ConsumerAllocations[] {
  return Object.entries(given).map(([uuid, one]) => ({
    uuid,
    projectId: one.project_id,
    userId: one.user_id,
    consumerType: one.consumer_type ?? null,
    ...(one.consumer_generation === undefined ? {} : { generation: one.consumer_generation }),
    allocations: Object.entries(one.allocations).flatMap(([provider, { resources }]) => flat(provider, resources)),
  }));
}

/** `incomplete`: project and user of those who were not asked for them. */
export function toListedConsumer(uuid: string, given: ListedAllocations, incomplete: string): ConsumerAllocations {
  // The last entry for a provider wins.
  const byProvider = new Map(given.allocations.map((one) => [one.resource_provider.uuid, one.resources]));
  return {
    uuid,
    projectId: given.project_id ?? incomplete,
    userId: given.user_id ?? incomplete,
    consumerType: null,
    allocations: [...byProvider].flatMap(([provider, resources]) => flat(provider, resources)),
  };
}

function flat(provider: string, resources: Resources) {
  return Object.entries(resources).map(([resourceClass, used]) => ({ provider, resourceClass, used }));
}
