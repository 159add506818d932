// A candidate query made ready for the search: what has to be chosen, in which order, and which checks go with it.
import type { CandidateQuery, RequestGroup } from './query.ts';

/** One choice of a provider: a whole group with a suffix, or one resource of the group without. */
export interface Slot {
  readonly group: RequestGroup;
  readonly resources: readonly (readonly [resourceClass: string, amount: number])[];
  /** A class that other slots ask for too: the amounts on one provider add up. */
  readonly contested: boolean;
  /** Must differ from the providers of the other isolated slots. */
  readonly isolated: boolean;
  /** After this choice all resources of the group without a suffix have their providers: its traits can be checked. */
  readonly completes: RequestGroup | undefined;
}

export interface SearchPlan {
  readonly query: CandidateQuery;
  readonly slots: readonly Slot[];
  /** Each as indexes of slots. */
  readonly subtrees: readonly (readonly number[])[];
  /** Slots before this one serve the group without a suffix. */
  readonly firstSuffixed: number;
}

export function planSearch(query: CandidateQuery): SearchPlan {
  const asked = new Map<string, number>();
  for (const group of query.groups)
    for (const name of group.resources.keys()) asked.set(name, (asked.get(name) ?? 0) + 1);
  const contested = (names: Iterable<string>) => [...names].some((name) => (asked.get(name) ?? 0) > 1);

  const open = query.groups.filter((group) => group.suffix === '');
  const suffixed = query.groups.filter((group) => group.suffix !== '');
  const slots: Slot[] = [];
  for (const group of open) {
    const resources = [...group.resources];
    for (const [at, resource] of resources.entries()) {
      slots.push({
        group,
        resources: [resource],
        contested: contested([resource[0]]),
        isolated: false,
        completes: at === resources.length - 1 && group.required.length > 0 ? group : undefined,
      });
    }
  }
  const firstSuffixed = slots.length;
  for (const group of suffixed) {
    slots.push({
      group,
      resources: [...group.resources],
      contested: contested(group.resources.keys()),
      isolated: query.groupPolicy === 'isolate',
      completes: undefined,
    });
  }
  const subtrees = query.sameSubtrees.map((suffixes) =>
    slots.flatMap((slot, at) => (suffixes.has(slot.group.suffix) ? [at] : [])),
  );
  return { query, slots, subtrees, firstSuffixed };
}
