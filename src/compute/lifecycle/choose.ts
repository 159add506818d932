// Chooses a machine for a server and claims it, or says of each machine why not.

import { placementClass } from '../../baremetal/index.ts';
import type { Transaction } from '../../database/index.ts';
import type { OperationContext } from '../../operations/index.ts';
import type { CandidateRequest, Claim } from '../../placement/index.ts';
import { placementRequest } from '../flavor/request.ts';
import type { Begun, ComputeParts, Machine, MachineWithNics } from '../parts.ts';
import { changeServer, findServer, lockServer } from '../server/store.ts';
import { inTables, type ServerRow } from '../tables.ts';

export type Choice =
  | { readonly kind: 'machine'; readonly nodeUuid: string; readonly name: string }
  | { readonly kind: 'none'; readonly reason: string };

/** What of a server decides whether a machine fits. */
export type Wanting = Pick<ServerRow, 'id' | 'requested_networks'>;

/** The operation that chooses. */
type Chooser = Pick<OperationContext['operation'], 'id' | 'requestedBy'>;

/** Somebody else was faster; the transaction is undone. */
class Refused extends Error {
  override name = 'Refused';
}

const candidateLimit = 100;

/**
 * Claims the first machine that placement offers and that can be used; `tried` are left out. A server that holds a machine
 * which was not tried keeps it, so a run after a crash chooses nothing new. A machine that was tried is let go (and cleaned on
 * its own time) only in the transaction that claims another.
 */
export async function chooseMachine(
  parts: ComputeParts,
  serverId: string,
  tried: readonly string[],
  chooser: Chooser,
): Promise<Choice> {
  const found = await findServer(parts.database, serverId);
  if (!found) return { kind: 'none', reason: 'the server was deleted' };
  const { server } = found;
  const machineOf = (nodeUuid: string, machine: Machine | undefined): Choice => ({
    kind: 'machine',
    nodeUuid,
    name: nameOf(machine, nodeUuid),
  });
  if (server.node_uuid !== null && !tried.includes(server.node_uuid))
    return machineOf(server.node_uuid, await parts.machines.get(server.node_uuid));
  const image = server.image_id === null ? undefined : await parts.images.get(server.image_id);
  if (image?.status !== 'active') return { kind: 'none', reason: `its image ${server.image_id} is gone` };
  const asked = placementRequest(server.flavor, image.properties);
  if (asked.kind === 'invalid') return { kind: 'none', reason: asked.reason };
  const request = server.requested_node === null ? asked.request : { ...asked.request, inTree: server.requested_node };
  const passedOver = new Map<string, string>();
  for (const candidate of await parts.placement.candidates({ ...request, limit: candidateLimit + tried.length })) {
    const nodeUuid = candidate.providerUuid;
    const machine = await parts.machines.get(nodeUuid);
    const unfit = tried.includes(nodeUuid)
      ? 'it was tried and failed'
      : (whyUnfit(machine, server) ?? whyTooFewNics(machine, server));
    if (unfit !== undefined) {
      passedOver.set(nameOf(machine, nodeUuid), unfit);
      continue;
    }
    const refusal = await claim(parts, server, nodeUuid, candidate.allocations, chooser);
    if (refusal === undefined) return machineOf(nodeUuid, machine);
    passedOver.set(nameOf(machine, nodeUuid), refusal);
  }
  for (const machine of await parts.machines.list()) {
    const name = nameOf(machine, machine.uuid);
    if (!passedOver.has(name)) passedOver.set(name, whyPassedOver(machine, server, request));
  }
  const lines = [...passedOver].map(([name, reason]) => `${name}: ${reason}`).sort();
  return { kind: 'none', reason: lines.length === 0 ? 'there is no machine at all' : lines.join('; ') };
}

/** What placement does not know: the node's state. */
export function whyUnfit(machine: Machine | undefined, server: Wanting): string | undefined {
  if (!machine) return 'it is no node of bare metal';
  if (machine.maintenance) return 'it is in maintenance';
  if (machine.instanceUuid !== null && machine.instanceUuid !== server.id)
    return `it runs instance ${machine.instanceUuid}`;
  if (machine.provisionState !== 'available') return `its provision state is ${machine.provisionState}, not available`;
  return undefined;
}

export function whyTooFewNics(machine: MachineWithNics | undefined, server: Wanting): string | undefined {
  const has = machine?.macAddresses.length ?? 0;
  const wanted = server.requested_networks.length;
  return has < wanted ? `it has ${has} network ports, the server needs ${wanted}` : undefined;
}

/** Why placement did not offer a machine: by the node's own facts, the most telling first. */
export function whyPassedOver(machine: Machine, server: Wanting, request: CandidateRequest): string {
  if (request.inTree !== undefined && request.inTree !== machine.uuid) return 'another machine was asked for by name';
  const has = machine.resourceClass === null ? undefined : placementClass(machine.resourceClass);
  const lacking = Object.entries(request.resources).find(([name, amount]) => name !== has || amount > 1);
  if (has === undefined) return 'it has no resource class';
  if (lacking) return `it offers 1 of ${has}, the flavor asks for ${lacking[1]} of ${lacking[0]}`;
  const missing = (request.requiredTraits ?? []).filter((trait) => !machine.traits.includes(trait));
  if (missing.length > 0) return `it lacks the trait ${missing.join(', ')}`;
  const unwanted = (request.forbiddenTraits ?? []).filter((trait) => machine.traits.includes(trait));
  if (unwanted.length > 0) return `it has the forbidden trait ${unwanted.join(', ')}`;
  return whyUnfit(machine, server) ?? 'its resources are held by another consumer';
}

/** Claims the machine for the server in one transaction with the server's row; the reason when somebody was faster. */
async function claim(
  { database, placement, machines }: ComputeParts,
  server: ServerRow,
  nodeUuid: string,
  allocations: Claim['allocations'],
  chooser: Chooser,
): Promise<string | undefined> {
  const work = async (tx: Transaction) => {
    const now = await lockServer(tx, server.id);
    if (!now) throw new Refused('the server was deleted');
    const holder = await inTables(tx)
      .selectFrom('compute_servers')
      .select('id')
      .where('node_uuid', '=', nodeUuid)
      .executeTakeFirst();
    if (holder) throw new Refused(`it runs server ${holder.id}`);
    let left: Begun | undefined;
    if (now.node_uuid !== null) {
      await placement.release(tx, server.id);
      const behalf = { parentId: chooser.id, requestedBy: chooser.requestedBy };
      left = await machines.undeploy(tx, now.node_uuid, server.id, behalf);
    }
    const verdict = await placement.claim(tx, {
      consumerUuid: server.id,
      projectId: server.project_id,
      userId: server.user_id,
      consumerType: 'INSTANCE',
      allocations,
    });
    if (!verdict.claimed) throw new Refused(`it was taken meanwhile (${verdict.refusal.outcome})`);
    await changeServer(tx, server.id, { node_uuid: nodeUuid, task_state: 'networking' }, chooser.id);
    return left;
  };
  try {
    const left = await database.transaction().execute(work);
    await left?.afterCommit();
    return undefined;
  } catch (error) {
    if (error instanceof Refused) return error.message;
    throw error;
  }
}

export function nameOf(machine: Machine | undefined, uuid: string): string {
  return machine?.name ?? uuid;
}
