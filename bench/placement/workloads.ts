// What is measured: queries, claims, and the frame around them.
import { randomUUID } from 'node:crypto';
import { Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { type BenchClient, concurrently } from './client.ts';

const disk = 'resources=DISK_GB:10&required=COMPUTE_VOLUME_MULTI_ATTACH';
/** The query of upstream's nested performance job. */
export const reference = `/allocation_candidates?${disk}&resources1=VCPU:1,MEMORY_MB:256&required1=CUSTOM_FOO&resources2=FPGA:1&group_policy=none`;
/** The same with the FPGA below the NUMA node that gives the CPU. */
export const subtree = `/allocation_candidates?${disk}&resources_COMPUTE=VCPU:1,MEMORY_MB:256&required_COMPUTE=CUSTOM_FOO&resources_FPGA=FPGA:1&group_policy=none&same_subtree=_COMPUTE,_FPGA`;

const candidatesAnswer = Type.Object({
  allocation_requests: Type.Array(
    Type.Object({ allocations: Type.Record(Type.String(), Type.Unknown()), mappings: Type.Unknown() }),
  ),
  provider_summaries: Type.Record(Type.String(), Type.Object({ root_provider_uuid: Type.String() })),
});

/** Asks `count` times with so many at once. */
export async function ask(client: BenchClient, path: string, count: number, atOnce: number): Promise<void> {
  await concurrently(count, atOnce, () => client.drain(path));
}

/** One claim on each of `count` trees at the most; returns how many were made. */
export async function claim(client: BenchClient, count: number, atOnce: number): Promise<() => Promise<number>> {
  const answer = Value.Parse(candidatesAnswer, await client.call('GET', reference));
  const byRoot = new Map<string, (typeof answer.allocation_requests)[number]>();
  for (const request of answer.allocation_requests) {
    const [first = ''] = Object.keys(request.allocations);
    const root = answer.provider_summaries[first]?.root_provider_uuid ?? '';
    if (!byRoot.has(root)) byRoot.set(root, request);
  }
  const requests = [...byRoot.values()].slice(0, count);
  return async () => {
    await concurrently(requests.length, atOnce, (at) =>
      client.call('PUT', `/allocations/${randomUUID()}`, {
        ...requests[at],
        consumer_generation: null,
        project_id: 'bench',
        user_id: 'bench',
        consumer_type: 'INSTANCE',
      }),
    );
    return requests.length;
  };
}
