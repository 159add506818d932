// Compares the search with the brute force on one random case.
import { type Candidate, Findings, type SearchPlan, searchCandidates } from '../candidate/index.ts';
import { ProviderIndex } from '../provider-index/index.ts';
import { bruteForce } from './brute-force.ts';
import { randomCase } from './random-case.ts';

export interface Difference {
  readonly seed: number;
  readonly missing: readonly string[];
  readonly extra: readonly string[];
  readonly repeated: number;
}

/** Undefined when both find the same candidates, each once, also when asked again. `candidates` counts them. */
export async function compareCase(seed: number): Promise<{ candidates: number; difference?: Difference }> {
  const { providers, query } = randomCase(seed);
  const index = new ProviderIndex();
  index.apply({ snapshot: '', changed: providers, gone: [] });
  const expected = bruteForce(providers, query);
  const findings = new Findings();
  for (let round = 0; round < 2; round++) {
    const { plan, candidates } = await searchCandidates(index, query, { maxCandidates: 1e6, maxEffort: 1e7 }, findings);
    const found = candidates.map((candidate) => textOf(plan, candidate));
    const distinct = new Set(found);
    const missing = [...expected].filter((text) => !distinct.has(text));
    const extra = [...distinct].filter((text) => !expected.has(text));
    const repeated = found.length - distinct.size;
    if (missing.length + extra.length + repeated > 0)
      return { candidates: found.length, difference: { seed, missing, extra, repeated } };
  }
  return { candidates: expected.size };
}

function textOf(plan: SearchPlan, { chosen }: Candidate): string {
  const sums = new Map<string, number>();
  const mappings = new Map<string, Set<number>>();
  for (const [at, slot] of plan.slots.entries()) {
    const id = chosen[at]?.id ?? 0;
    for (const [name, amount] of slot.resources) sums.set(`${id} ${name}`, (sums.get(`${id} ${name}`) ?? 0) + amount);
    const ids = mappings.get(slot.group.suffix) ?? new Set<number>();
    mappings.set(slot.group.suffix, ids.add(id));
  }
  const amounts = [...sums].map(([key, amount]) => `${key}=${amount}`).sort();
  const served = [...mappings].map(([suffix, ids]) => `${suffix}:${[...ids].sort((a, b) => a - b)}`);
  return `${amounts} | ${served.sort()}`;
}
